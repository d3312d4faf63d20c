/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent of the endurance test: prints "ROUND NUMBER dots" at full speed, each line with a write
 * of its own, until it is killed. After each line it stores the next number in the file that is
 * descriptor 3, through memory, so that a kill tells how far it had come.
 * test-log-numbers ROUND LAST
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv) {
        unsigned long last = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
        volatile uint64_t *written;
        char line[128];

        if (argc != 3)
                return 2;
        written = mmap(NULL, sizeof(*written), PROT_READ | PROT_WRITE, MAP_SHARED, 3, 0);
        if (written == MAP_FAILED)
                return 1;
        for (unsigned long i = 0; i < last; i++) {
                int n = snprintf(line, sizeof(line), "%s %lu ", argv[1], i);
                size_t dots = i % 60;

                memset(line + n, '.', dots);
                line[(size_t) n + dots] = '\n';
                if (write(STDOUT_FILENO, line, (size_t) n + dots + 1) !=
                    (ssize_t) ((size_t) n + dots + 1))
                        return 1;
                *written = i + 1;
        }
        pause(); /* all is printed; the kill comes all the same */
        return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * For the benchmark of the log tee: prints lines, each with a write of its own, and tells on
 * descriptor 3 how long the longest write took and how long all of them did.
 * bench-lines LINE-BYTES LINES [PAUSE-USEC-EVERY-64-KIB]
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now_sec(void) {
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
        size_t line_bytes = argc > 2 ? strtoul(argv[1], NULL, 10) : 0;
        unsigned long lines = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
        unsigned long pause_usec = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
        double began = now_sec(), longest = 0, before;
        size_t since_pause = 0;
        char *line;

        if (line_bytes < 20)
                return 2;
        line = malloc(line_bytes + 1);
        if (!line)
                return 1;
        memset(line, 'x', line_bytes);
        line[line_bytes - 1] = '\n';
        for (unsigned long i = 0; i < lines; i++) {
                int n = snprintf(line, line_bytes, "%lu", i);

                line[n] = ' ';
                before = now_sec();
                if (write(STDOUT_FILENO, line, line_bytes) != (ssize_t) line_bytes)
                        return 1;
                if (now_sec() - before > longest)
                        longest = now_sec() - before;
                since_pause += line_bytes;
                if (pause_usec > 0 && since_pause >= 65536) {
                        since_pause = 0;
                        usleep((useconds_t) pause_usec);
                }
        }
        dprintf(3, "%.9f %.6f\n", longest, now_sec() - began);
        free(line);
        return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Runs a command and prints its peak memory in KiB. A program of its own because the kernel counts
 * what the process was before exec too, so the one who asks must be small.
 */

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
        struct rusage usage;
        int status;
        pid_t pid;

        if (argc < 2)
                return 2;
        pid = fork();
        if (pid == 0) {
                execv(argv[1], argv + 1);
                _exit(127);
        }
        if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status != 0)
                return 1;
        printf("%ld\n", usage.ru_maxrss);
        return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * fte-log-compress: a full log file on standard input, the same as one zstd frame on standard
 * output, which is on the disk when this exits with 0. A program of its own, so that the log tee,
 * which stays beside each agent for months, need not link libzstd. Knows no names and removes
 * nothing. Works at the lowest priority, for an agent is at work at the same time.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

#include <zstd.h>

#include "base/clock.h"
#include "base/fsat.h"
#include "base/log.h"
#include "base/options.h"
#include "base/parse.h"
#include "config.h"

#define EXIT_TOO_LARGE 3

#define LEVEL 3

/* 512 KiB to look back into instead of 2 MiB: logs repeat themselves, and memory is the agent's. */
#define WINDOW_LOG 19

#define IO_PRIORITY_IDLE (3 << 13)
#define IO_WHO_PROCESS   1

static const char usage[] =
        "Usage: fte-log-compress [--max-bytes=N] <FILE >FILE.zst\n"
        "Compresses a log file; run by fte-log-tee(8).\n"
        "\n"
        "  --max-bytes=N   give up when the result would be longer\n"
        "  --help, --version\n"
        "\n"
        "Exit status: 0 done, 1 failed, 2 wrong usage, 3 the result would be too long.\n";

typedef struct Job {
        ZSTD_CCtx *context;
        char *in, *out;
        size_t in_bytes, out_bytes;
        uint64_t left_bytes; /* of --max-bytes */
        bool is_polite;      /* the kernel gives way to others for us */
} Job;

static uint64_t now_usec(void) {
        return clock_usec(CLOCK_MONOTONIC);
}

/* The sandbox profiles refuse both calls; then we sleep three times as long as we work. */
static bool lower_priority(void) {
        syscall(SYS_ioprio_set, IO_WHO_PROCESS, 0, IO_PRIORITY_IDLE);
        return setpriority(PRIO_PROCESS, 0, 19) == 0;
}

static int compress_piece(Job *j, size_t len) {
        ZSTD_EndDirective mode = len > 0 ? ZSTD_e_continue : ZSTD_e_end;
        ZSTD_inBuffer in = { j->in, len, 0 };
        size_t rest;

        do {
                ZSTD_outBuffer out = { j->out, j->out_bytes, 0 };
                int r;

                rest = ZSTD_compressStream2(j->context, &out, &in, mode);
                if (ZSTD_isError(rest))
                        return -EIO;
                if (out.pos > j->left_bytes)
                        return -EFBIG;
                j->left_bytes -= out.pos;
                r = fd_write_all(STDOUT_FILENO, j->out, out.pos);
                if (r < 0)
                        return r;
        } while (in.pos < in.size || (mode == ZSTD_e_end && rest > 0));
        return 0;
}

static int compress_all(Job *j) {
        for (;;) {
                uint64_t began_usec = now_usec();
                ssize_t n = read(STDIN_FILENO, j->in, j->in_bytes);
                int r;

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                r = compress_piece(j, (size_t) n);
                if (r < 0 || n == 0)
                        return r;
                if (!j->is_polite)
                        usleep((useconds_t) MIN(3 * (now_usec() - began_usec), USEC_PER_SEC / 10));
        }
}

static int prepare(Job *j) {
        struct stat st;

        j->context = ZSTD_createCCtx();
        j->in_bytes = ZSTD_CStreamInSize();
        j->out_bytes = ZSTD_CStreamOutSize();
        j->in = malloc(j->in_bytes);
        j->out = malloc(j->out_bytes);
        if (!j->context || !j->in || !j->out)
                return -ENOMEM;
        ZSTD_CCtx_setParameter(j->context, ZSTD_c_compressionLevel, LEVEL);
        ZSTD_CCtx_setParameter(j->context, ZSTD_c_windowLog, WINDOW_LOG);
        ZSTD_CCtx_setParameter(j->context, ZSTD_c_checksumFlag, 1);
        /* The length stands in the frame, and a file that grew meanwhile is an error. */
        if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode))
                ZSTD_CCtx_setPledgedSrcSize(j->context, (unsigned long long) st.st_size);
        posix_fadvise(STDIN_FILENO, 0, 0, POSIX_FADV_SEQUENTIAL);
        return 0;
}

static int run(Job *j) {
        int r = prepare(j);

        if (r >= 0)
                r = compress_all(j);
        if (r >= 0 && fsync(STDOUT_FILENO) < 0 && errno != EINVAL && errno != EROFS)
                r = -errno;
        ZSTD_freeCCtx(j->context);
        free(j->in);
        free(j->out);
        return r;
}

static int report(int r) {
        if (r >= 0)
                return EXIT_SUCCESS;
        if (r == -EFBIG)
                return EXIT_TOO_LARGE;
        log_line(LOG_ERR, "%s", strerror(-r));
        return EXIT_FAILURE;
}

static int print(const char *text) {
        return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv) {
        Job job = { .left_bytes = UINT64_MAX };
        const char *max = argc == 2 ? startswith(argv[1], "--max-bytes=") : NULL;

        log_open("fte-log-compress", false);
        if (argc == 2 && streq(argv[1], "--help"))
                return print(usage);
        if (argc == 2 && streq(argv[1], "--version"))
                return print("fte-log-compress " FTE_VERSION "\n");
        if (argc > 2 || (argc == 2 && (!max || parse_uint(max, UINT64_MAX, &job.left_bytes) < 0))) {
                fputs(usage, stderr);
                return EXIT_USAGE;
        }
        job.is_polite = lower_priority();
        return report(run(&job));
}

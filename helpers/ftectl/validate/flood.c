/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * validate/flood.h: from the oldest file to the newest, each number must follow the one before.
 */

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/fsat.h"

#include "flood.h"

/* The number of a line of the flood, or 0. */
static unsigned long number_of(const char *line) {
        const char *rest = startswith(line, "flood ");

        return rest && strspn(rest, "0123456789") == 8 ? strtoul(rest, NULL, 10) : 0;
}

static const char *read_lines(char *text, unsigned long *last, FloodResult *ret) {
        char *save = NULL;

        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                unsigned long n = number_of(line);

                if (n == 0)
                        continue; /* a word of a program of ours */
                if (strlen(line) != strlen("flood ") + 9 + strlen(FLOOD_PADDING))
                        return "a line is torn";
                if (*last != 0 && n != *last + 1)
                        return n <= *last ? "a line is there twice" : "lines are lost";
                *last = n;
                ret->lines++;
        }
        return NULL;
}

int flood_read(int dir_fd, const char *path, FloodResult *ret) {
        _cleanup_close_ int fd = fsat_open_dir(dir_fd, path);
        _cleanup_free_ char *text = malloc(2 * FLOOD_MAX_BYTES + 1);
        unsigned long last = 0;
        struct stat st;

        if (fd < 0)
                return fd;
        if (!text)
                return -ENOMEM;
        *ret = (FloodResult){ 0 };
        for (int i = FLOOD_KEEP + 1; i >= 0 && !ret->problem; i--) {
                char name[32];
                ssize_t n;

                snprintf(name, sizeof(name), i > 0 ? "app.log.%d" : "app.log", i);
                if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (i > FLOOD_KEEP)
                        ret->problem = "there are more files than Keep= allows";
                else if (!S_ISREG(st.st_mode) || st.st_size > FLOOD_MAX_BYTES)
                        ret->problem = "a file is larger than MaxSize=";
                if (ret->problem)
                        break;
                n = fsat_read(fd, name, text, 2 * FLOOD_MAX_BYTES + 1);
                if (n < 0)
                        return (int) n;
                ret->files++;
                ret->problem = read_lines(text, &last, ret);
        }
        if (!ret->problem && ret->files < 2)
                ret->problem = "nothing was rotated";
        if (!ret->problem && last != FLOOD_LINES)
                ret->problem = "the last line is missing";
        return 0;
}

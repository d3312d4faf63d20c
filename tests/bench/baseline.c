/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The floor that the generator is measured against: reads every configuration file and writes the
 * same bytes and links as it, from a pack that another run was put into. No parsing, no rendering.
 *
 * usage: baseline CONFIG-DIR PACK OUTPUT-DIR
 * The pack is lines "f PATH LENGTH\n" + bytes, "l PATH TARGET\n", "d PATH\n", in the order to write.
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void die(const char *what) {
        perror(what);
        exit(EXIT_FAILURE);
}

static void read_configuration(const char *path) {
        static char buf[64 * 1024];
        DIR *dir = opendir(path);
        struct dirent *d;

        if (!dir)
                die(path);
        while ((d = readdir(dir))) {
                int fd;

                if (!strstr(d->d_name, ".conf"))
                        continue;
                fd = openat(dirfd(dir), d->d_name, O_RDONLY | O_CLOEXEC);
                if (fd < 0 || read(fd, buf, sizeof(buf)) < 0)
                        die(d->d_name);
                close(fd);
        }
        closedir(dir);
}

static char *read_pack(const char *path, size_t *ret_len) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct stat st;
        char *text;

        if (fd < 0 || fstat(fd, &st) < 0)
                die(path);
        text = malloc((size_t) st.st_size + 1);
        if (!text || read(fd, text, (size_t) st.st_size) != st.st_size)
                die(path);
        text[st.st_size] = 0;
        close(fd);
        *ret_len = (size_t) st.st_size;
        return text;
}

static void write_file(int dir_fd, const char *path, const char *data, size_t len) {
        int fd = openat(dir_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

        if (fd < 0 || write(fd, data, len) != (ssize_t) len)
                die(path);
        close(fd);
}

int main(int argc, char *argv[]) {
        char *p, *end;
        size_t len;
        int dir_fd;

        if (argc != 4)
                return 2;
        read_configuration(argv[1]);
        p = read_pack(argv[2], &len);
        end = p + len;
        dir_fd = open(argv[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir_fd < 0)
                die(argv[3]);
        while (p < end) {
                char kind = *p, *line = p + 2, *eol = strchr(p, '\n'), *arg;

                *eol = 0;
                p = eol + 1;
                arg = strchr(line, ' ');
                if (arg)
                        *arg++ = 0;
                if (kind == 'f') {
                        size_t n = strtoul(arg, NULL, 10);

                        write_file(dir_fd, line, p, n);
                        p += n;
                } else if (kind == 'd' ? mkdirat(dir_fd, line, 0755) < 0
                                       : symlinkat(arg, dir_fd, line) < 0)
                        die(line);
        }
        return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Reads whatever comes as a backup: as an archive (tar, with or without zstd), and as the texts that
 * are inside one.
 */

#include <fcntl.h>
#include <sys/mman.h>

#include "archive-reader.h"
#include "base/fsat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const ReaderEvents no_events;

static void read_archive(const char *text, size_t size) {
        Reader r = { .fd = memfd_create("fuzz", MFD_CLOEXEC), .agent = "bot", .events = &no_events };

        r.staging_fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd_write_all(r.fd, text, size) == 0 && lseek(r.fd, 0, SEEK_SET) == 0 && reader_run(&r) == -EBADMSG &&
            r.problem.len == 0)
                abort(); /* it must say what is wrong */
        close(r.fd);
        close(r.staging_fd);
        reader_done(&r);
}

static void read_texts(const char *text, size_t size) {
        _cleanup_arena_ Arena arena = { 0 };
        _cleanup_strbuf_ StrBuf path = { 0 };
        unsigned line;
        Info info;
        Seal seal;

        if (info_parse(text, size, &arena, &info, &line) == 0)
                for (size_t i = 0; i < info.n_paths; i++)
                        if (info.paths[i][0] != '/' || !member_name_is_valid(info.paths[i] + 1))
                                abort();
        (void) seal_parse(text, size, &seal);
        (void) manifest_parse_line(text, size, &path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        if (size > 0 && data[0] == 'T')
                read_texts((const char *) data + 1, size - 1);
        else
                read_archive((const char *) data, size);
        return 0;
}

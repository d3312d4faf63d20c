/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * member-judge.h. What our writer never makes is refused, whoever made it.
 */

#include <sys/stat.h>

#include "member-judge.h"

static bool has_power(struct archive_entry *e) {
        const char *name;
        const void *value;
        size_t size;

        archive_entry_xattr_reset(e);
        while (archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK)
                if (streq(name, "security.capability") || startswith(name, "trusted."))
                        return true;
        return false;
}

const char *member_judge(struct archive_entry *e, const char *path) {
        const char *hardlink = archive_entry_hardlink(e);
        mode_t type = archive_entry_filetype(e);

        if (!member_name_is_valid(path))
                return "its name is absolute or leads out of the archive";
        if (hardlink && !member_name_is_valid(hardlink))
                return "a hard link that leads out of the archive";
        if (hardlink) /* with a size libarchive would give the file content, owner and mode */
                return archive_entry_size(e) > 0 ? "a hard link with content" : NULL;
        if (type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK)
                return "a device, a socket or a fifo";
        if (type == AE_IFREG && (archive_entry_mode(e) & (S_ISUID | S_ISGID)))
                return "a program with a setuid or setgid bit";
        if (type == AE_IFLNK && isempty(archive_entry_symlink(e)))
                return "a link to nowhere";
        return has_power(e) ? "a file with capabilities or trusted attributes" : NULL;
}

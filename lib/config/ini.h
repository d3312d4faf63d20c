/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * INI text to assignments, strictly. inih reads the lines, our reader stands in front of it and
 * refuses everything that inih would cut, swallow or take for something else. Knows lines,
 * sections, keys and values; which of them mean something is the tables' affair.
 */

#include "config/problem.h"

#define INI_FILE_BYTES_MAX  ((size_t) 64 * 1024)
#define INI_VALUE_BYTES_MAX ((size_t) 4095)
#define INI_NAME_BYTES_MAX  ((size_t) 40)

typedef struct IniAssignment {
        const char *section; /* all four strings live only during the call */
        const char *key;
        const char *value;     /* exactly what the file says, less white space around it */
        const char *file;      /* as given to ini_read(), so this one lives longer */
        unsigned section_line; /* of the header */
        unsigned line;         /* of the key, also when the value goes on in further lines */
} IniAssignment;

typedef struct IniSink {
        /*
         * A section header; may be NULL. Returns whether the section is known: messages about its
         * lines name it only then, for a header may be a secret that was pasted by accident.
         */
        bool (*section)(void *userdata, const char *name, Place place);
        void (*assign)(void *userdata, const IniAssignment *a);
        void *userdata;
} IniSink;

/*
 * Parses text and calls the sink for each assignment in order. Everything that is wrong goes into
 * problems with its line, and parsing goes on behind it. A UTF-8 byte order mark and CRLF line
 * ends are accepted; NUL and other control bytes, inline comments, trailing backslashes, text that
 * is not UTF-8, and lines over INI_VALUE_BYTES_MAX are not. Returns 0, or -ENOMEM.
 */
int ini_read(const char *text, size_t len, const char *file, const IniSink *sink,
             Problems *problems);

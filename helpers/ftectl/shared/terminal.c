/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The shapes of terminal.h. Asks the environment once whether there are colours (NO_COLOR, see
 * no-color.org; TERM=dumb). Prints nothing.
 */

#include <sys/ioctl.h>
#include <time.h>

#include "base/clock.h"
#include "base/show.h"

#include "terminal.h"

static bool wants_colour(void) {
        const char *term = getenv("TERM");

        return isatty(STDOUT_FILENO) && isempty(getenv("NO_COLOR")) &&
               !streq_ptr(term, "dumb");
}

const char *style(Style s) {
        static const char *const sequences[_STYLE_MAX] = {
                [STYLE_PLAIN] = "\033[0m",  [STYLE_BOLD] = "\033[1m",    [STYLE_RED] = "\033[31m",
                [STYLE_GREEN] = "\033[32m", [STYLE_YELLOW] = "\033[33m", [STYLE_GREY] = "\033[90m",
        };
        static int wanted = -1;

        if (wanted < 0)
                wanted = wants_colour();
        return wanted ? sequences[s] : "";
}

unsigned terminal_columns(void) {
        struct winsize size;

        if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
                return 0;
        return size.ws_col;
}

void show_size(StrBuf *b, uint64_t bytes) {
        static const char suffixes[] = "\0KMGTPE";
        unsigned unit = 0;
        uint64_t tenths;

        if (bytes < 1024) {
                strbuf_add_uint(b, bytes);
                return;
        }
        for (uint64_t n = bytes; n >= 1024; n /= 1024)
                unit++;
        tenths = (bytes >> (10 * (unit - 1))) * 10 / 1024;
        if (tenths < 100 && tenths % 10 > 0)
                strbuf_addf(b, "%llu.%llu%c", (unsigned long long) (tenths / 10),
                            (unsigned long long) (tenths % 10), suffixes[unit]);
        else
                strbuf_addf(b, "%llu%c", (unsigned long long) (tenths / 10), suffixes[unit]);
}

void show_time(StrBuf *b, uint64_t usec) {
        time_t t = (time_t) (usec / USEC_PER_SEC);
        char text[32];
        struct tm tm;

        if (localtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) > 0)
                strbuf_add(b, text);
}

void show_text(StrBuf *b, const char *text, size_t max) {
        size_t n = strlen(text);

        if (n > max)
                for (n = max; n > 0 && ((unsigned char) text[n] & 0xc0) == 0x80;)
                        n--;
        show_bytes(b, text, n, ' ');
        if (text[n])
                strbuf_add(b, "…");
}

uint64_t now_usec(void) {
        return clock_usec(CLOCK_REALTIME);
}

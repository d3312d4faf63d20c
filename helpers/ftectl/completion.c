/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Completion scripts made from the tables of command.h. The build prints each into the file that is
 * installed, so they cannot lag behind. None needs more than the shell itself; the names of agents,
 * alerts and environments come from "ftectl --list=" at the time of the key press.
 */

#include "completion.h"

#define AGENTS \
        { "agents", FILES_NONE }

static const struct {
        Offer first, rest;
} word_offers[] = {
        /* what is not here has none */
        [WORDS_AGENT] = { AGENTS },
        [WORDS_AGENTS] = { AGENTS, AGENTS },
        [WORDS_AGENTS_AND_FILES] = { { "agents", FILES_CONF }, { "agents", FILES_CONF } },
        [WORDS_AGENT_AND_SOURCE] = { AGENTS, { NULL, FILES_ALL } },
        [WORDS_AGENT_AND_DIRECTORY] = { AGENTS, { NULL, FILES_DIRECTORIES } },
        [WORDS_ENVIRONMENT_AND_AGENTS] = { { "environments", FILES_NONE }, AGENTS },
        [WORDS_ALERTS] = { { "alerts", FILES_NONE }, { "alerts", FILES_NONE } },
};

static bool is_same(const Offer *a, const Offer *b) {
        return a->files == b->files && a->list == b->list;
}

size_t completion_offers(const Command *c, WordOffer ret[static 2]) {
        const Offer *first = &word_offers[c->words].first, *rest = &word_offers[c->words].rest;
        unsigned n = name_words(c),
                 end = c->max_words == MANY_WORDS ? MANY_WORDS : n + c->max_words;
        const WordOffer all[] = { { *first, n, is_same(first, rest) ? end : n + 1 },
                                  { *rest, n + 1, is_same(first, rest) ? 0 : end } };
        size_t found = 0;

        for (size_t i = 0; i < ARRAY_SIZE(all); i++)
                if ((all[i].offer.list || all[i].offer.files != FILES_NONE) &&
                    all[i].from < all[i].end)
                        ret[found++] = all[i];
        return found;
}

void completion_add_text(StrBuf *b, const char *text) {
        for (; *text; text++)
                strbuf_addc(b, *text == '\'' ? '`' : *text);
}

void completion_add_option(StrBuf *b, const OptionRow *o, const char *between) {
        strbuf_addf(b, "--%s", o->name);
        if (o->letter)
                strbuf_addf(b, "%s-%c", between, o->letter);
}

void completion_add_taking(StrBuf *b, const char *between) {
        const char *first = "";

        for (size_t i = 0; i < n_global_options; i++)
                if (global_options[i].values) {
                        strbuf_addf(b, "%s--%s", first, global_options[i].name);
                        first = between;
                }
        for (size_t i = 0; i < _OPTION_MAX; i++)
                if (option_rows[i].argument) {
                        strbuf_add(b, first);
                        completion_add_option(b, &option_rows[i], between);
                        first = between;
                }
}

int completion_print(const char *shell, StrBuf *b) {
        static const struct {
                const char *name;
                void (*print)(StrBuf *b);
        } shells[] = { { "bash", completion_print_bash },
                       { "zsh", completion_print_zsh },
                       { "fish", completion_print_fish } };

        for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
                if (streq(shells[i].name, shell)) {
                        shells[i].print(b);
                        return 0;
                }
        return -EINVAL;
}

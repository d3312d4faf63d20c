/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The cheapest program there is, dynamically linked: what any program costs before it does
 * anything. With arguments it execs them, so that a chain of it is the floor of the command chain.
 */

#include <unistd.h>

int main(int argc, char *argv[]) {
        if (argc > 1)
                execv(argv[1], argv + 1);
        return 0;
}

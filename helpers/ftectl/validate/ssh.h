/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The settings of sshd that SR-004 is about, from what "sshd -T" prints. Pure.
 */

#define SSH_VALUE_BYTES 32

/* "" where it says nothing. */
typedef struct SshSettings {
        char password[SSH_VALUE_BYTES], keyboard[SSH_VALUE_BYTES], pubkey[SSH_VALUE_BYTES],
                root[SSH_VALUE_BYTES], empty[SSH_VALUE_BYTES];
} SshSettings;

void ssh_parse(const char *text, SshSettings *ret);

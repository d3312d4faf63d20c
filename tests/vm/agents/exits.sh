#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An agent that exits at once, and counts its runs.
echo run >>"$HOME/runs"
exit 1

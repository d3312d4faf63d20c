/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Judgements on values: is this what somebody meant to put there, and may this name be set at all.
 * No function here keeps or repeats a value.
 */

#include "base/macro.h"

/*
 * True for what stands in templates until someone fills it in: changeme, TODO, your-key-here,
 * <key>, sk-xxxxxxxx, ... (the tables in value-check.c). Also when only the password of a URL is
 * one: postgres://app:changeme@db/app.
 */
bool value_is_placeholder(const char *value);

/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SCRIPT_WORDS_H
#define SAMLTAP_SCRIPT_WORDS_H

#include "arena.h"
#include "str.h"

/* Literals of JavaScript and PowerShell, as browsers write them when a request is copied. Nothing is run. */

/* A string literal ('…', "…", `…`) at the beginning of *text, behind white space. False: none, or the arena refuses. */
bool script_take_string(struct arena *arena, struct str *text, struct str *value) CHECK_RESULT;

/* An object literal at the beginning of *text with its braces, to the end when they do not close; absent: none. */
struct str script_take_object(struct str *text);

/*
 * An object literal as JSON: strings in other quotes, names without quotes, commas before the end; an expression
 * becomes false. Absent when the arena refuses.
 */
struct str script_object_to_json(struct arena *arena, struct str literal);

enum powershell_value {
    POWERSHELL_END,      /* the command is over */
    POWERSHELL_TEXT,     /* a string, or a word */
    POWERSHELL_TABLE,    /* @{…}: value is what stands in it */
    POWERSHELL_COMPUTED, /* an expression in parentheses: not known */
    POWERSHELL_FLAG,     /* no value */
};

/* The next parameter of a command ("-Name value"; *name is empty for a value without one). */
enum powershell_value powershell_take(struct arena *arena, struct str *text, struct str *name, struct str *value);

/* The next "name"="value" of a table. False: no more, or the arena refuses. */
bool powershell_take_pair(struct arena *arena, struct str *text, struct str *name, struct str *value) CHECK_RESULT;

#endif

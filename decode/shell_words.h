/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SHELL_WORDS_H
#define SAMLTAP_SHELL_WORDS_H

#include "arena.h"
#include "str.h"

/* The words of one command line. */
struct shell_command {
    struct str *items;
    size_t count;
};

enum { SHELL_MAX_WORDS = 1000 };

/* The text is quoted for cmd.exe: with ^" or with carets at the ends of lines. */
bool shell_words_are_cmd(struct str text);

/*
 * Takes one command off the front of *text and splits it into words, as a POSIX shell does ('…', "…", $'…',
 * backslash) or as cmd.exe and the programs under it do (caret, "…" with \"). A command ends at a line end, ";", "&"
 * or "|". Nothing is expanded. Words live in the arena. Returns false when it refuses.
 */
bool shell_words_read(struct arena *arena, struct str *text, bool is_cmd, struct shell_command *command) CHECK_RESULT;

#endif

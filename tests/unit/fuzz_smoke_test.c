/* SPDX-License-Identifier: MIT */
/*
 * Every fuzzer without libFuzzer: its seeds as they are, and mutations of them that are the same in every
 * run. An input that ends the process is written to a file beside the program, which the last line names. With arguments NAME
 * FILE… it runs these files through that fuzzer instead.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../fuzz/fuzz_all.h"
#include "saml.h"
#include "saml_maker.h"

enum { CEILING = 256 << 20, RUNS = 1000, MAX_EDITS = 4, MAX_PIECE = 64 };

/* What runs now and where it goes, for the signal handler. */
static struct str current;
static char last_input[400];

static void
on_crash(int number)
{
    int fd = open(last_input, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd >= 0 && write(fd, current.ptr, current.len) >= 0 &&
        write(STDOUT_FILENO, last_input, strlen(last_input)) >= 0)
        close(fd);
    signal(number, SIG_DFL);
    raise(number);
}

/* Runs a copy of its own, so that a read past the end is seen by the sanitizers. */
static void
run(const struct fuzz_target *target, struct str input)
{
    char *copy = malloc(input.len + (input.len == 0));

    if (copy == NULL)
        abort();
    memcpy(copy, input.ptr, input.len);
    current = (struct str){ copy, input.len };
    target->run(current);
    current = (struct str){ 0 };
    free(copy);
}

static uint32_t
roll(uint32_t *random, size_t sides)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return sides > 0 ? (uint32_t)(*random % sides) : 0;
}

/* One change: a byte, a piece left out or doubled, a word that means something somewhere. */
static void
edit(uint32_t *random, struct buf *text)
{
    static const char *const words[] = { "<",
                                         ">",
                                         "&#x0;",
                                         "%",
                                         "\r\n",
                                         "\"",
                                         "]]>",
                                         "<!--",
                                         "{",
                                         "}",
                                         "=",
                                         "\xff\xff",
                                         "-1",
                                         "18446744073709551616",
                                         "/",
                                         "&",
                                         "\xed\xa0\x80",
                                         "'",
                                         ":",
                                         "?>" };
    size_t at = roll(random, text->len + 1), piece = 1 + roll(random, MAX_PIECE);
    struct str before, after, middle;
    struct buf out;

    buf_init(&out, CEILING);
    before = str_slice(buf_str(text), 0, at);
    middle = str_slice(buf_str(text), at, piece);
    after = str_from_offset(buf_str(text), at);
    buf_add_str(&out, before);
    switch (roll(random, 5)) {
    case 0:
        buf_add_byte(&out, (char)roll(random, 256));
        after = str_from_offset(after, 1);
        break;
    case 1:
        if (after.len > 0)
            buf_add_byte(&out, (char)(after.ptr[0] ^ 1 << roll(random, 8)));
        after = str_from_offset(after, 1);
        break;
    case 2:
        after = str_from_offset(after, middle.len);
        break;
    case 3:
        buf_add_str(&out, middle);
        break;
    default:
        buf_add_c(&out, words[roll(random, COUNT_OF(words))]);
    }
    buf_add_str(&out, after);
    buf_release(text);
    *text = out;
}

static void
run_mutation(const struct fuzz_target *target, struct str seed, uint32_t number)
{
    uint32_t random = number * 2654435761u + 1;
    struct buf text;

    buf_init(&text, CEILING);
    buf_add_str(&text, seed);
    for (uint32_t edits = 1 + roll(&random, MAX_EDITS); edits > 0; edits--)
        edit(&random, &text);
    run(target, str_slice(buf_str(&text), 0, target->max_len));
    buf_release(&text);
}

static void
run_target(const struct fuzz_target *target)
{
    struct fuzz_seeds seeds = { .arena = arena_new(CEILING) };

    if (seeds.arena == NULL)
        abort();
    target->seed(&seeds);
    for (size_t i = 0; i < seeds.count; i++)
        run(target, seeds.items[i]);
    for (uint32_t i = 0; i < RUNS && seeds.count > 0; i++)
        run_mutation(target, seeds.items[i % seeds.count], i);
    if (seeds.count == 0) {
        printf("%s has no seeds\n", target->name);
        exit(1);
    }
    arena_free(seeds.arena);
}

static void
run_files(const struct fuzz_target *target, char **paths)
{
    for (; *paths != NULL; paths++) {
        struct arena *arena = arena_new(CEILING);

        run(target, case_file_bytes(arena, *paths));
        arena_free(arena);
    }
}

int
main(int argc, char **argv)
{
    static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
    size_t passed = 0;

    fuzz_start();
    snprintf(last_input, sizeof last_input, "%s.input", argv[0]);
    for (size_t i = 0; i < COUNT_OF(signals); i++)
        signal(signals[i], on_crash);
    for (size_t i = 0; fuzz_targets[i] != NULL; i++) {
        if (argc > 1 && strcmp(argv[1], fuzz_targets[i]->name) != 0)
            continue;
        printf("%s\n", fuzz_targets[i]->name);
        fflush(stdout);
        if (argc > 2)
            run_files(fuzz_targets[i], argv + 2);
        else
            run_target(fuzz_targets[i]);
        passed++;
    }
    saml_maker_release();
    saml_library_cleanup();
    printf("%zu passed, %d failed\n", passed, passed == 0);
    return passed == 0;
}

/* SPDX-License-Identifier: MIT */
#include "aws_evidence.h"

#include "fuzz.h"

/* The output of AWS's own tools: any kind is welcome, then one kind at a time. */
enum { CEILING = 64 << 20 };

static void
run(struct str input)
{
    struct arena *arena = arena_new(CEILING);
    struct aws_evidence all = { 0 };
    struct str why = { 0 };
    bool read;

    if (arena == NULL)
        return;
    read = aws_evidence_read(arena, input, STR("fuzz.json"), AWS_EVIDENCE_ANY, &all, &why);
    fuzz_promise(read ? all.given != 0 : str_present(why) || arena_failed(arena));
    for (int kind = 0; read && kind < AWS_EVIDENCE_KIND_COUNT; kind++) {
        struct aws_evidence one = { 0 };

        if (aws_evidence_read(arena, input, STR("fuzz.json"), 1u << kind, &one, &why))
            fuzz_promise(one.given == 1u << kind);
        else
            fuzz_promise(str_present(why) || arena_failed(arena));
    }
    arena_free(arena);
}

static void
seed_options(struct fuzz_seeds *seeds, const struct case_file *file)
{
    for (size_t i = 0; i < file->option_count; i++)
        if (str_starts_c(file->options[i].value, "{"))
            fuzz_seed(seeds, file->options[i].value);
}

static void
seed(struct fuzz_seeds *seeds)
{
    fuzz_each_case(seeds, "aws", seed_options);
}

FUZZ_TARGET(aws_evidence) = { .name = "aws_evidence", .max_len = 16384, .run = run, .seed = seed };

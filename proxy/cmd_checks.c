/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "commands.h"
#include "exit_code.h"
#include "log.h"
#include "memory.h"
#include "reporter.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 4 * 1024 * 1024 };

static int
compare_ids(const void *a, const void *b)
{
    const struct check *const *left = a, *const *right = b;

    return strcmp((*left)->id, (*right)->id);
}

/* Every check, by id. The array is the caller's. */
static const struct check **
all_checks(size_t *count)
{
    const struct check **checks = NULL;

    *count = 0;
    for (size_t i = 0; i < check_set_count(); i++) {
        const struct check_set *set = check_set_at(i);

        for (size_t j = 0; j < set->count; j++)
            *(const struct check **)xgrow((void **)&checks, count, sizeof(*checks)) = &set->rows[j];
    }
    if (*count > 0)
        qsort(checks, *count, sizeof(*checks), compare_ids);
    return checks;
}

static json_t *
profile_names(unsigned profiles)
{
    json_t *names = json_array();

    if (profiles & PROFILE_GENERIC)
        json_array_append_new(names, json_string("generic"));
    if (profiles & PROFILE_AWS_IAM)
        json_array_append_new(names, json_string("aws-iam"));
    if (profiles & PROFILE_AWS_IDENTITY_CENTER)
        json_array_append_new(names, json_string("aws-identity-center"));
    return names;
}

static void
add_json(struct buf *out, const struct check *check)
{
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s*, s:s*, s:o}", "schema", "samltap/1",
                            "type", "check", "id", check->id, "severity", severity_name(check->severity), "confidence",
                            confidence_name(check->confidence), "owner", owner_name(check->owner), "pack",
                            check_pack_name(check->pack), "fixed", check->fixed, "title", check->title, "spec",
                            check->spec, "limit", check->limit, "profiles", profile_names(check->profiles));
    char *text = row ? json_dumps(row, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

    if (text == NULL)
        out->failed = true;
    else
        buf_printf(out, "%s\n", text);
    free(text);
    json_decref(row);
}

static int
print(struct buf *text)
{
    bool printed = !buf_failed(text) && terminal_print(buf_str(text));

    buf_release(text);
    if (!printed)
        log_error("the output cannot be written");
    return printed ? EXIT_PASS : EXIT_RUNTIME;
}

int
cmd_checks(const struct options *options)
{
    size_t count;
    const struct check **checks = all_checks(&count);
    struct buf text;

    buf_init(&text, OUTPUT_MAX_BYTES);
    for (size_t i = 0; i < count; i++) {
        if (options_flag(options, OPT_JSON))
            add_json(&text, checks[i]);
        else
            list_check(&text, checks[i]);
    }
    free(checks);
    return print(&text);
}

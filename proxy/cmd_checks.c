/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "check_names.h"
#include "commands.h"
#include "exit_code.h"
#include "explain_text.h"
#include "file.h"
#include "log.h"
#include "memory.h"
#include "reporter.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 4 * 1024 * 1024, TEXT_MAX_BYTES = 1024 * 1024 };

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
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s*, s:o}", "schema", "samltap/1", "type", "check", "id",
                  check->id, "severity", severity_name(check->severity), "confidence",
                  confidence_name(check->confidence), "owner", owner_name(check->owner), "fixed", check->fixed, "title",
                  check->title, "spec", check->spec, "profiles", profile_names(check->profiles));
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

/* One text of --text; "-" is standard input. Returns an enum exit_code. */
static int
explain_one_text(struct buf *out, const char *text, const struct reporter_options *how)
{
    char *why = NULL;
    struct buf input;
    int code = EXIT_PASS;

    if (strcmp(text, "-") != 0)
        return explain_text(out, str_from(text), how) ? EXIT_PASS : EXIT_UNDECIDED;
    if (!file_read_input("-", TEXT_MAX_BYTES, &input, &why)) {
        log_error("%s", why);
        code = EXIT_UNREADABLE;
    } else if (!explain_text(out, buf_str(&input), how)) {
        code = EXIT_UNDECIDED;
    }
    buf_release(&input);
    free(why);
    return code;
}

static int
explain_one_id(struct buf *out, const char *id, const struct reporter_options *how)
{
    const struct check *check = check_find(str_from(id));
    const struct error_entry *entry = check == NULL ? error_entry_find(str_from(id)) : NULL;

    if (check != NULL) {
        explain_check(out, check, how);
    } else if (entry != NULL) {
        explain_entry(out, entry, how);
    } else {
        char *why = check_unknown_text(id);

        log_error("%s", why);
        free(why);
        return EXIT_USAGE;
    }
    return EXIT_PASS;
}

int
cmd_explain(const struct options *options)
{
    struct reporter_options how = terminal_reporter_options(options);
    struct buf text;
    int code = EXIT_PASS, printed;

    buf_init(&text, OUTPUT_MAX_BYTES);
    for (size_t i = 0; i < options_argument_count(options) && code == EXIT_PASS; i++)
        code = explain_one_id(&text, options_argument(options, i), &how);
    for (size_t i = 0; i < options_list_count(options, OPT_TEXT) && code == EXIT_PASS; i++)
        code = explain_one_text(&text, options_list_at(options, OPT_TEXT, i), &how);
    if (code == EXIT_USAGE || code == EXIT_UNREADABLE) {
        buf_release(&text);
        return code;
    }
    printed = print(&text);
    return printed != EXIT_PASS ? printed : code;
}

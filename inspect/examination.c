/* SPDX-License-Identifier: MIT */
#include "examination.h"

#include <stdlib.h>
#include <string.h>

#include "protocol.h"

enum { MAX_QUIET = 64, MAX_REPORTS = 4096 };

/* References to reports, in order. */
struct report_list {
    struct report **items;
    size_t count;
    size_t capacity;
    size_t bytes; /* of memory in them */
    bool failed;
};

struct examination {
    const struct settings *settings;
    struct arena *arena;
    struct str name;
    struct signin_table *table;
    struct report_list ready; /* not given yet */
    struct report_list quiet; /* in order, and no SAML: worth a look only when there is nothing else */
    struct str unread;        /* the first body that could not be searched */
    struct str problem;
    size_t exchanges;
    size_t found;
    size_t early; /* given before the end */
    bool ended;
};

/* Takes the reference. */
static void
list_add(struct report_list *list, struct report *report, size_t max)
{
    if (list->count == list->capacity && !list->failed) {
        size_t wider = list->capacity ? list->capacity * 2 : 8;
        struct report **items = wider > max ? NULL : realloc(list->items, wider * sizeof(struct report *));

        list->failed = items == NULL;
        if (items != NULL) {
            list->items = items;
            list->capacity = wider;
        }
    }
    if (report == NULL || list->count == list->capacity) {
        list->failed = true;
        report_release(report);
        return;
    }
    list->items[list->count++] = report;
    list->bytes += arena_used(report->arena);
}

/* Gives the first one. */
static struct report *
list_take(struct report_list *list)
{
    struct report *report = list->items[0];
    size_t bytes = arena_used(report->arena);

    list->count--;
    memmove(list->items, list->items + 1, list->count * sizeof(struct report *));
    list->bytes -= bytes < list->bytes ? bytes : list->bytes; /* it may have grown since */
    return report;
}

static void
list_release(struct report_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        report_release(list->items[i]);
    free(list->items);
    *list = (struct report_list){ 0 };
}

struct examination *
examination_new(const struct settings *settings, struct str input_name)
{
    struct examination *examination = calloc(1, sizeof(*examination));

    if (examination == NULL)
        return NULL;
    examination->settings = settings;
    examination->arena = arena_new(64 * 1024);
    examination->table = signin_table_new(settings);
    if (examination->arena != NULL)
        examination->name = arena_copy(examination->arena, input_name);
    if (examination->table != NULL && str_present(examination->name))
        return examination;
    examination_free(examination);
    return NULL;
}

void
examination_free(struct examination *examination)
{
    if (examination == NULL)
        return;
    list_release(&examination->ready);
    list_release(&examination->quiet);
    if (examination->table != NULL)
        signin_table_free(examination->table);
    arena_free(examination->arena);
    free(examination);
}

void
examination_share(struct examination *examination, struct past *past)
{
    signin_table_share(examination->table, past);
}

/* Takes the reference. */
static void
add(struct examination *examination, struct report *report)
{
    examination->found++;
    list_add(&examination->ready, report, SIZE_MAX / sizeof(struct report *));
}

static void
add_done(struct examination *examination)
{
    const struct signin *signin;

    /* The clock of a file stands still: only answers end a sign-in, and the end of the file. */
    while ((signin = examine_next_done(examination->table, 0)) != NULL) {
        struct report *report = signin_report(signin);

        if (report != NULL)
            add(examination, report_reference(report));
    }
}

void
examination_note_keys(struct examination *examination, const struct exchange *exchange)
{
    signin_note_keys(examination->table, exchange);
}

bool
examination_take(struct examination *examination, const struct exchange *exchange)
{
    struct report *report = examine_exchange(examination->settings, examination->table, exchange, examination->name);

    examination->exchanges++;
    if (report == NULL)
        return false;
    if (!str_present(examination->unread) && str_present(report->messages.unread))
        examination->unread = arena_printf(examination->arena, "exchange %zu: %.*s", examination->exchanges,
                                           STR_ARG(report->messages.unread));
    if (protocol_is_quiet(report) && examination->found == 0 && examination->quiet.count < MAX_QUIET &&
        examination->quiet.bytes < EXAMINATION_MAX_BYTES)
        list_add(&examination->quiet, report, MAX_REPORTS);
    else if (examine_stands_alone(report))
        add(examination, report);
    else
        report_release(report);
    add_done(examination);
    return !examination->ready.failed && !examination->quiet.failed;
}

/* There was nothing, or nothing but what is in order and no SAML. */
static void
add_rest(struct examination *examination, const char *kind)
{
    struct report *report;

    for (size_t i = 0; i < examination->quiet.count; i++)
        add(examination, report_reference(examination->quiet.items[i]));
    if (examination->found > 0)
        return;
    report = examine_nothing(examination->settings, examination->name);
    if (report == NULL)
        return;
    report->messages.unread = arena_copy(report->arena, examination->unread);
    report->summary = arena_printf(report->arena, "no SAML message in this %s (%zu exchange%s)", kind,
                                   examination->exchanges, examination->exchanges == 1 ? "" : "s");
    add(examination, report);
}

void
examination_end(struct examination *examination, const char *kind, struct str problem)
{
    examination->ended = true;
    examination->problem = arena_copy(examination->arena, problem);
    signin_finish_all(examination->table);
    add_done(examination);
    if (examination->found == 0)
        add_rest(examination, kind);
}

size_t
examination_early(const struct examination *examination)
{
    return examination->early;
}

struct report *
examination_next(struct examination *examination)
{
    const struct report_list *ready = &examination->ready;
    struct report *report;

    if (ready->count == 0 ||
        (!examination->ended && ready->count <= EXAMINATION_MAX_HELD && ready->bytes <= EXAMINATION_MAX_BYTES))
        return NULL;
    report = list_take(&examination->ready);
    if (examination->ended)
        report->input_problem = arena_copy(report->arena, examination->problem);
    else
        examination->early++;
    return report;
}

/* --- what is in memory -------------------------------------------------------------------------- */

static bool
examine_exchanges(const struct settings *settings, struct past *past, const struct input *input, struct str input_name,
                  struct report_list *list)
{
    struct examination *examination = examination_new(settings, input_name);
    struct report *report;
    bool done = examination != NULL;

    if (done && past != NULL)
        examination_share(examination, past);
    for (size_t i = 0; i < input->exchange_count && done; i++)
        examination_note_keys(examination, &input->exchanges[i]);
    for (size_t i = 0; i < input->exchange_count && done; i++)
        done = examination_take(examination, &input->exchanges[i]);
    if (examination != NULL) {
        examination_end(examination, input_kind_name(input->kind), input->problem);
        while ((report = examination_next(examination)) != NULL)
            list_add(list, report, MAX_REPORTS);
    }
    examination_free(examination);
    return done;
}

struct report **
examine_input(const struct settings *settings, struct past *past, struct str bytes, struct str input_name,
              size_t *count, struct arena **keep, struct str *problem)
{
    struct report_list list = { 0 };
    struct input input = { 0 };
    struct report *report = examine_open(settings, bytes, input_name, &input);

    *count = 0;
    *problem = (struct str){ 0 };
    *keep = arena_new(64 * 1024);
    if (report != NULL && *keep != NULL && input.messages.count == 0 && input.exchange_count == 0 &&
        examine_text(report, bytes)) {
        list_add(&list, report_reference(report), MAX_REPORTS);
    } else if (report != NULL && *keep != NULL && input.kind == INPUT_UNKNOWN) {
        *problem = arena_copy(*keep, input.problem);
    } else if (report != NULL && *keep != NULL) { /* a mail may have both */
        if (input.exchange_count > 0 || input.messages.count == 0)
            examine_exchanges(settings, past, &input, input_name, &list);
        if (input.messages.count > 0) {
            examine_bare(report, &input, past);
            report->input_problem = input.problem;
            list_add(&list, report_reference(report), MAX_REPORTS);
        }
    }
    report_release(report);
    *count = list.count;
    return list.items;
}

/* SPDX-License-Identifier: MIT */
#include "counts_text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "counts_rows.h"
#include "xstime.h"

enum { TITLE_WIDTH = 30, NUMBER_WIDTH = 14, TIME_SIZE = 40 };

static size_t
members_of(const struct counts_row *row)
{
    return row->members > 0 ? row->members : 1;
}

/* "1.5 MiB" */
static void
add_bytes(struct buf *out, uint64_t bytes)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    double value = (double)bytes;
    size_t unit = 0;

    for (; value >= 1024 && unit + 1 < COUNT_OF(units); unit++)
        value /= 1024;
    buf_printf(out, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
}

static void
add_uptime(struct buf *out, const struct counts *counts)
{
    uint64_t seconds = counts->now_s > counts->started_s ? counts->now_s - counts->started_s : 0;

    if (seconds >= 86400)
        buf_printf(out, "%llu d ", (unsigned long long)seconds / 86400);
    if (seconds >= 3600)
        buf_printf(out, "%llu h ", (unsigned long long)seconds % 86400 / 3600);
    if (seconds >= 60)
        buf_printf(out, "%llu min ", (unsigned long long)seconds % 3600 / 60);
    buf_printf(out, "%llu s", (unsigned long long)seconds % 60);
}

/* --- for people ------------------------------------------------------------------------------------------ */

static void
add_number(struct buf *out, const struct counts_row *row, const char *title, int width, uint64_t value)
{
    buf_printf(out, "%-*s %*llu", width, title, NUMBER_WIDTH, (unsigned long long)value);
    if (row->is_bytes && value >= 1024) {
        buf_add_c(out, "  ");
        add_bytes(out, value);
    }
    buf_add_byte(out, '\n');
}

/* Of an enum only what there was. */
static void
add_row(struct buf *out, const struct counts *counts, const struct counts_row *row)
{
    bool any = false;

    if (row->members == 0) {
        add_number(out, row, row->title, TITLE_WIDTH, counts_value(counts, row, 0));
        return;
    }
    for (size_t i = 0; i < row->members; i++)
        any = any || counts_value(counts, row, i) > 0;
    buf_printf(out, any ? "%s\n" : "%-30s              -\n", row->title);
    for (size_t i = 0; i < row->members; i++) {
        uint64_t value = counts_value(counts, row, i);

        if (value == 0)
            continue;
        buf_add_c(out, "  ");
        add_number(out, row, row->member_name(i), TITLE_WIDTH - 2, value);
    }
}

void
counts_table(struct buf *out, const struct counts *counts)
{
    buf_printf(out, "samltap on %s, process %llu, up for ", counts->address, (unsigned long long)counts->process);
    add_uptime(out, counts);
    buf_add_c(out, "\n\n");
    for (size_t i = 0; i < counts_row_count; i++)
        add_row(out, counts, &counts_rows[i]);
}

void
counts_line(struct buf *out, const struct counts *counts)
{
    const struct relay_stats *relay = &counts->relay;

    buf_printf(out,
               "%llu connections open, %llu in all (%llu opened, %llu passed untouched, %llu failed), %llu exchanges, "
               "sign-ins: %llu pass, %llu fail, %llu undecided; ",
               (unsigned long long)relay->open, (unsigned long long)relay->connections,
               (unsigned long long)relay->intercepted, (unsigned long long)relay->tunnelled,
               (unsigned long long)relay->failed, (unsigned long long)relay->exchanges,
               (unsigned long long)counts->signins[0], (unsigned long long)counts->signins[1],
               (unsigned long long)counts->signins[2]);
    add_bytes(out, relay->bytes_up);
    buf_add_c(out, " up, ");
    add_bytes(out, relay->bytes_down);
    buf_printf(out, " down; %llu waiting for the desk, %llu not examined", (unsigned long long)counts->waiting,
               (unsigned long long)counts->not_examined);
}

/* --- for programs ---------------------------------------------------------------------------------------- */

/* The object that holds the last part of the path, made when it is not there; *last: that part. Borrowed. */
static json_t *
object_at(json_t *root, const char *path, const char **last)
{
    const char *dot = strchr(path, '.');
    char name[40];
    json_t *inner;

    *last = dot != NULL ? dot + 1 : path;
    if (dot == NULL || (size_t)(dot - path) >= sizeof(name))
        return root;
    memcpy(name, path, (size_t)(dot - path));
    name[dot - path] = '\0';
    inner = json_object_get(root, name);
    if (inner == NULL && json_object_set_new(root, name, json_object()) == 0)
        inner = json_object_get(root, name);
    return inner;
}

static void
set_row(json_t *root, const struct counts *counts, const struct counts_row *row)
{
    const char *name;
    json_t *object = object_at(root, row->json, &name), *members;

    if (row->members == 0) {
        json_object_set_new(object, name, json_integer((json_int_t)counts_value(counts, row, 0)));
        return;
    }
    members = json_object();
    for (size_t i = 0; i < row->members; i++)
        json_object_set_new(members, row->member_name(i), json_integer((json_int_t)counts_value(counts, row, i)));
    json_object_set_new(object, name, members);
}

void
counts_json(struct buf *out, const struct counts *counts)
{
    char now[TIME_SIZE], started[TIME_SIZE];
    json_t *root = json_object();
    char *text;

    xstime_format_into(now, sizeof(now), (int64_t)counts->now_s * 1000);
    xstime_format_into(started, sizeof(started), (int64_t)counts->started_s * 1000);
    json_object_set_new(root, "schema", json_string("samltap/1"));
    json_object_set_new(root, "type", json_string("stats"));
    json_object_set_new(root, "time", json_string(now));
    json_object_set_new(root, "started", json_string(started));
    json_object_set_new(root, "pid", json_integer((json_int_t)counts->process));
    json_object_set_new(root, "address", json_string(counts->address));
    for (size_t i = 0; i < counts_row_count; i++)
        set_row(root, counts, &counts_rows[i]);
    text = json_dumps(root, JSON_COMPACT | JSON_ENSURE_ASCII);
    if (text != NULL)
        buf_add_c(out, text);
    else
        out->failed = true;
    free(text);
    json_decref(root);
}

/* Label values are our own words: nothing in them needs an escape. */
static void
add_sample(struct buf *out, const struct counts *counts, const struct counts_row *row, size_t index)
{
    buf_add_c(out, row->metric);
    if (row->labels != NULL)
        buf_printf(out, "{%s}", row->labels);
    else if (row->members > 0)
        buf_printf(out, "{%s=\"%s\"}", row->label, row->member_name(index));
    buf_printf(out, " %llu\n", (unsigned long long)counts_value(counts, row, index));
}

void
counts_prometheus(struct buf *out, const struct counts *counts)
{
    const char *previous = "";

    for (size_t i = 0; i < counts_row_count; i++) {
        const struct counts_row *row = &counts_rows[i];

        if (strcmp(previous, row->metric) != 0)
            buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", row->metric, row->help, row->metric,
                       row->is_gauge ? "gauge" : "counter");
        previous = row->metric;
        for (size_t member = 0; member < members_of(row); member++)
            add_sample(out, counts, row, member);
    }
    buf_printf(out,
               "# HELP samltap_start_time_seconds When the proxy was started, in seconds since 1970\n"
               "# TYPE samltap_start_time_seconds gauge\nsamltap_start_time_seconds %llu\n",
               (unsigned long long)counts->started_s);
}

/* SPDX-License-Identifier: MIT */
#include "live_counts.h"
#include "counts_text.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "file.h"
#include "live_state.h"
#include "log.h"

/* --- counting -------------------------------------------------------------------------------------------- */

static uint64_t
resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long long total = 0, resident = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%llu %llu", &total, &resident) != 2)
        resident = 0;
    fclose(file);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t
open_files(void)
{
    DIR *directory = opendir("/proc/self/fd");
    uint64_t count = 0;

    if (directory == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count > 0 ? count - 1 : 0; /* without the directory itself */
}

static void
count(const struct live *live, struct counts *counts, const char *address)
{
    const struct desk_link_stats desk = desk_link_stats(live->desk);
    struct rlimit files = { 0 };

    getrlimit(RLIMIT_NOFILE, &files);
    *counts = (struct counts){
        .relay = live->relay != NULL ? relay_stats(live->relay) : live->last,
        .not_examined = desk.dropped,
        .quarantined = desk.quarantined,
        .desk_restarts = desk.restarts,
        .settings_read = live->settings_read,
        .waiting = desk.waiting,
        .waiting_bytes = desk.waiting_bytes,
        .waiting_limit = desk.limit_bytes,
        .process = (uint64_t)getpid(),
        .started_s = (uint64_t)live->started_s,
        .now_s = (uint64_t)time(NULL),
        .resident_bytes = resident_bytes(),
        .open_files = open_files(),
        .open_files_limit = (uint64_t)files.rlim_cur,
        .address = address,
    };
    memcpy(counts->signins, desk.signins, sizeof(counts->signins));
}

static void
write_counts(const struct live *live, struct buf *out, void (*format)(struct buf *out, const struct counts *counts))
{
    struct counts counts;
    struct buf address;

    buf_init(&address, 1024);
    relay_way_address(&address, &live->first->arguments.relay.ways[0], live->ports[0]);
    count(live, &counts, buf_failed(&address) ? "?" : address.bytes);
    format(out, &counts);
    buf_release(&address);
}

/* --- showing --------------------------------------------------------------------------------------------- */

static bool
answer(void *data, struct str word, struct buf *out)
{
    if (str_eq_c(word, "table"))
        write_counts(data, out, counts_table);
    else if (str_eq_c(word, "json"))
        write_counts(data, out, counts_json);
    else if (str_eq_c(word, "prometheus"))
        write_counts(data, out, counts_prometheus);
    else
        return false;
    return true;
}

static void
write_metrics(void *data, struct buf *out)
{
    write_counts(data, out, counts_prometheus);
}

void
live_counts_print(const struct live *live)
{
    struct buf out;

    buf_init(&out, COUNTS_MAX_BYTES);
    write_counts(live, &out, counts_table);
    file_write_all(STDERR_FILENO, buf_str(&out));
    buf_release(&out);
}

static const struct options *
live_current_options(const struct live *live)
{
    return live->settings != NULL ? live->settings->options : live->options.options;
}

/* JSON lines belong between those of the desk, so it prints them. */
static void
on_interval(evutil_socket_t none, short what, void *data)
{
    const struct live *live = data;
    bool as_json = options_flag(live_current_options(live), OPT_JSON);
    struct buf out;

    (void)none;
    (void)what;
    buf_init(&out, COUNTS_MAX_BYTES);
    if (!as_json)
        buf_add_c(&out, "samltap: stats: ");
    write_counts(live, &out, as_json ? counts_json : counts_line);
    buf_add_byte(&out, '\n');
    if (as_json)
        desk_link_print(live->desk, buf_str(&out));
    else
        file_write_all(STDERR_FILENO, buf_str(&out));
    buf_release(&out);
}

bool
live_counts_add_timer(struct live *live)
{
    const struct timeval interval = {
        .tv_sec = (time_t)options_number(live_current_options(live), OPT_STATS_INTERVAL),
    };

    if (live->interval != NULL)
        event_free(live->interval);
    live->interval = NULL;
    if (interval.tv_sec == 0)
        return true;
    live->interval = event_new(live->base, -1, EV_PERSIST, on_interval, live);
    return live->interval != NULL && event_add(live->interval, &interval) == 0;
}

/* Without the socket the proxy does its work all the same. */
bool
live_counts_serve(struct live *live, char **why)
{
    unsigned port = (unsigned)options_number(live->options.options, OPT_METRICS_PORT);
    char *reason = NULL;

    live->socket = counts_socket_new(live->base, live->directory, answer, live, &reason);
    if (live->socket == NULL)
        log_warn("'samltap stats' will not find this proxy: %s", reason);
    free(reason);
    if (port == 0)
        return true;
    live->metrics = metrics_server_new(live->base, port, write_metrics, live, why);
    return live->metrics != NULL;
}

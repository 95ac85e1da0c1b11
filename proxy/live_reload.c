/* SPDX-License-Identifier: MIT */
#include "live_reload.h"

#include <stdlib.h>
#include <string.h>

#include "exit_code.h"
#include "live_counts.h"
#include "live_state.h"
#include "log.h"
#include "memory.h"
#include "option_gather.h"

enum { AGAIN_MS = 200 };

/* Sockets, the CA and the state directory are there once and for all. */
static const enum option_id fixed[] = { OPT_LISTEN_HOST, OPT_LISTEN_PORT, OPT_MODE,        OPT_CA_CERT,
                                        OPT_CA_KEY,      OPT_STATE_DIR,   OPT_METRICS_PORT };

/* --- settings -------------------------------------------------------------------------------------------- */

struct live_settings *
live_settings_new(const struct live *live, struct options *owned, const struct options *options, int *code, char **why)
{
    struct live_settings *settings = xcalloc(1, sizeof(*settings));

    settings->owned = owned;
    settings->options = options;
    if (!relay_arguments_init(&settings->arguments, options, live->options.connect_to, live->options.connect_to_count,
                              code, why)) {
        live_settings_free(settings);
        return NULL;
    }
    settings->desk_argv = desk_arguments(options, live->directory, live->options.metadata);
    return settings;
}

void
live_settings_free(struct live_settings *settings)
{
    if (settings == NULL)
        return;
    relay_arguments_release(&settings->arguments);
    desk_arguments_free(settings->desk_argv);
    options_free(settings->owned);
    free(settings);
}

/* Nothing uses these settings any more. The first ones hold the words of the ways in: they stay. */
static void
on_released(void *data)
{
    struct live_settings *settings = data;

    if (!settings->is_first)
        live_settings_free(settings);
}

/* --- what cannot change ---------------------------------------------------------------------------------- */

/* Keeps what cannot change as it is, and says so in one line. */
static void
keep_fixed(struct options *options, const struct options *before)
{
    struct buf names;
    size_t count = 0;

    buf_init(&names, 1024);
    for (size_t i = 0; i < COUNT_OF(fixed); i++) {
        if (options_same(options, before, fixed[i]))
            continue;
        buf_printf(&names, "%s--%s", count++ > 0 ? ", " : "", option_row(fixed[i])->name);
        options_copy(options, before, fixed[i]);
    }
    if (count > 0)
        log_warn("SIGHUP: %s changed; that takes effect at the next start, all else now",
                 buf_failed(&names) ? "something" : names.bytes);
    buf_release(&names);
}

/* The option whose value was read from standard input, NULL: none. */
static const char *
read_from_input(const struct options *options)
{
    for (enum option_id id = 0; id < OPTION_COUNT; id++)
        for (size_t i = 0; option_row(id)->type == OPTION_FILE && i < options_list_count(options, id); i++)
            if (strcmp(options_list_at(options, id, i), "-") == 0)
                return option_row(id)->name;
    return NULL;
}

static struct live_settings *
read_settings(const struct live *live, char **why)
{
    struct options *options = options_gather_again(live->settings->options, why);
    const char *input;
    int code;

    if (options == NULL)
        return NULL;
    input = read_from_input(options);
    if (input != NULL) {
        *why = xprintf("--%s was read from standard input, which cannot be read again; name a file", input);
        options_free(options);
        return NULL;
    }
    keep_fixed(options, live->settings->options);
    return live_settings_new(live, options, options, &code, why);
}

/* --- the change ------------------------------------------------------------------------------------------ */

static void
give_up(struct live *live)
{
    relay_discard(live->change);
    live_settings_free(live->next);
    live->change = NULL;
    live->next = NULL;
}

static void
put_in_force(struct live *live)
{
    const struct options *options = live->next->options;
    struct live_settings *before = live->settings;

    live->settings = live->next;
    live->next = NULL;
    if (live->relay != NULL)
        relay_adopt(live->relay, live->change, live->settings->arguments.relay.max_connections, on_released, before);
    else
        relay_discard(live->change);
    live->change = NULL;
    live->settings_read++;
    live->drain_s = (int)options_number(options, OPT_DRAIN_TIMEOUT);
    live_counts_add_timer(live);
    log_set_level(options_flag(options, OPT_VERBOSE) ? LOG_DEBUG
                  : options_flag(options, OPT_QUIET) ? LOG_WARNING
                                                     : LOG_INFO);
    log_info("SIGHUP: the settings were read again and are in force");
}

static void
on_replaced(void *data, bool is_ready)
{
    struct live *live = data;

    if (is_ready) {
        put_in_force(live);
        return;
    }
    log_error("SIGHUP: the settings are refused, see the line before; those in force stay");
    give_up(live);
}

void
live_reload(struct live *live)
{
    const struct timeval moment = { .tv_usec = AGAIN_MS * 1000 };
    char *why = NULL;

    if (live->state != LIVE_RUNNING)
        return;
    if (live->next != NULL || desk_link_is_changing(live->desk)) { /* one after the other */
        event_add(live->again, &moment);
        return;
    }
    live->next = read_settings(live, &why);
    if (live->next != NULL)
        live->change = relay_prepare(live->relay, &live->next->arguments.relay, &why);
    if (live->change != NULL && !desk_link_replace(live->desk, live->next->desk_argv, on_replaced, live))
        why = xstrdup("no other desk process can be started now");
    if (why != NULL) {
        log_error("SIGHUP: %s; the settings in force stay", why);
        give_up(live);
    }
    free(why);
}

static void
on_again(evutil_socket_t none, short what, void *data)
{
    (void)none;
    (void)what;
    live_reload(data);
}

bool
live_reload_init(struct live *live)
{
    live->again = evtimer_new(live->base, on_again, live);
    return live->again != NULL;
}

void
live_reload_release(struct live *live)
{
    if (live->again != NULL)
        event_free(live->again);
    give_up(live);
    if (live->settings != live->first)
        live_settings_free(live->settings);
    live_settings_free(live->first);
}

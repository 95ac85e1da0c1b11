/* SPDX-License-Identifier: MIT */
#include "live_options.h"

#include <stdlib.h>

#include "memory.h"

enum { BODY_CEILING = 4 * 1024 * 1024 };

static unsigned
port_of(struct str text)
{
    uint64_t port = 0;

    return str_to_u64(text, &port) ? (unsigned)port : 0;
}

static struct connect_to
connect_to_of(const char *value)
{
    struct str host = { 0 }, port = { 0 }, to_host = { 0 }, to_port = { 0 };

    option_connect_to_split(str_from(value), &host, &port, &to_host, &to_port);
    return (struct connect_to){
        .host = xstrndup(host), .port = port_of(port), .to_host = xstrndup(to_host), .to_port = port_of(to_port)
    };
}

static const char **
list_of(const struct options *options, enum option_id id, size_t *count)
{
    const char **list = xcalloc(options_list_count(options, id) + 1, sizeof(*list));

    *count = options_list_count(options, id);
    for (size_t i = 0; i < *count; i++)
        list[i] = options_list_at(options, id, i);
    return list;
}

static void
add_connect_to(struct relay_arguments *arguments, const struct options *options, const struct connect_to *more,
               size_t more_count)
{
    const size_t given = options_list_count(options, OPT_CONNECT_TO);
    struct connect_to *rows = xcalloc(more_count + given + 1, sizeof(*rows));

    for (size_t i = 0; i < more_count; i++)
        rows[i] = (struct connect_to){ .host = xstrdup(more[i].host),
                                       .port = more[i].port,
                                       .to_host = xstrdup(more[i].to_host),
                                       .to_port = more[i].to_port };
    for (size_t i = 0; i < given; i++)
        rows[more_count + i] = connect_to_of(options_list_at(options, OPT_CONNECT_TO, i));
    arguments->connect_to = rows;
    arguments->relay.connect_to = rows;
    arguments->relay.connect_to_count = more_count + given;
}

void
relay_arguments_init(struct relay_arguments *arguments, const struct options *options, const struct connect_to *more,
                     size_t more_count)
{
    struct relay_options *relay = &arguments->relay;

    *arguments = (struct relay_arguments){ 0 };
    relay->listen_host = options_text(options, OPT_LISTEN_HOST);
    relay->listen_port = (unsigned)options_number(options, OPT_LISTEN_PORT);
    relay->next_free_port = options_origin(options, OPT_LISTEN_PORT) == ORIGIN_DEFAULT;
    relay->upstream_ca = options_text(options, OPT_UPSTREAM_CA);
    relay->body_ceiling = BODY_CEILING;
    if (proxy_mode_parse(str_from(options_text(options, OPT_MODE)), &arguments->mode)) {
        relay->mode = arguments->mode.mode;
        relay->reverse_host = arguments->mode.host;
        relay->reverse_port = arguments->mode.port;
    }
    arguments->allow_hosts = list_of(options, OPT_ALLOW_HOSTS, &relay->allow_host_count);
    arguments->ignore_hosts = list_of(options, OPT_IGNORE_HOSTS, &relay->ignore_host_count);
    relay->allow_hosts = arguments->allow_hosts;
    relay->ignore_hosts = arguments->ignore_hosts;
    add_connect_to(arguments, options, more, more_count);
}

void
relay_arguments_release(struct relay_arguments *arguments)
{
    for (size_t i = 0; i < arguments->relay.connect_to_count; i++) {
        free(arguments->connect_to[i].host);
        free(arguments->connect_to[i].to_host);
    }
    free(arguments->connect_to);
    free(arguments->allow_hosts);
    free(arguments->ignore_hosts);
    *arguments = (struct relay_arguments){ 0 };
}

/* The array always ends with NULL. */
static void
add_argument(char ***arguments, size_t *count, char *argument)
{
    char **last = xgrow((void **)arguments, count, sizeof(**arguments));

    last[-1] = argument;
}

char **
desk_arguments(const struct options *options, const char *state_directory, const char *const *more)
{
    char **arguments = NULL;
    size_t count = 0;

    xgrow((void **)&arguments, &count, sizeof(*arguments));
    add_argument(&arguments, &count, xstrdup("samltap"));
    add_argument(&arguments, &count, xstrdup("desk"));
    for (enum option_id id = 0; id < OPTION_COUNT; id++) {
        if (!(option_rows[id].commands & COMMAND_DESK) || id == OPT_STATE_DIR)
            continue;
        for (size_t i = 0; i < options_list_count(options, id); i++)
            add_argument(&arguments, &count, xprintf("--%s=%s", option_rows[id].name, options_list_at(options, id, i)));
    }
    add_argument(&arguments, &count, xprintf("--state-dir=%s", state_directory));
    for (; more != NULL && *more != NULL; more++)
        add_argument(&arguments, &count, xprintf("--metadata=%s", *more));
    return arguments;
}

void
desk_arguments_free(char **arguments)
{
    for (char **argument = arguments; argument != NULL && *argument != NULL; argument++)
        free(*argument);
    free(arguments);
}

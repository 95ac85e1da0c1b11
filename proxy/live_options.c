/* SPDX-License-Identifier: MIT */
#include "live_options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exit_code.h"
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

static struct connect_to
resolve_of(const char *value)
{
    struct str host = { 0 }, port = { 0 }, address = { 0 };

    option_resolve_split(str_from(value), &host, &port, &address);
    return (struct connect_to){ .host = xstrndup(host), .port = port_of(port), .to_host = xstrndup(address) };
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
    const size_t resolved = options_list_count(options, OPT_RESOLVE);
    struct connect_to *rows = xcalloc(more_count + given + resolved + 1, sizeof(*rows));

    for (size_t i = 0; i < more_count; i++)
        rows[i] = (struct connect_to){ .host = xstrdup(more[i].host),
                                       .port = more[i].port,
                                       .to_host = xstrdup(more[i].to_host),
                                       .to_port = more[i].to_port };
    for (size_t i = 0; i < given; i++)
        rows[more_count + i] = connect_to_of(options_list_at(options, OPT_CONNECT_TO, i));
    for (size_t i = 0; i < resolved; i++)
        rows[more_count + given + i] = resolve_of(options_list_at(options, OPT_RESOLVE, i));
    arguments->connect_to = rows;
    arguments->relay.connect_to = rows;
    arguments->relay.connect_to_count = more_count + given + resolved;
}

/* One way in for each --mode, or the one that is the default. */
/* The mode's own, else the general one, in which an IPv6 address may stand in brackets as everywhere else. */
static const char *
listen_host_of(const struct options *options, struct proxy_mode *mode)
{
    const char *host = options_text(options, OPT_LISTEN_HOST);
    size_t len = strlen(host);

    if (mode->listen_host[0] != '\0')
        return mode->listen_host;
    if (len <= 2 || len > sizeof mode->listen_host || host[0] != '[' || host[len - 1] != ']')
        return host;
    snprintf(mode->listen_host, sizeof mode->listen_host, "%.*s", (int)len - 2, host + 1);
    return mode->listen_host;
}

static bool
add_ways(struct relay_arguments *arguments, const struct options *options, char **why)
{
    struct relay_options *relay = &arguments->relay;
    const size_t given = options_list_count(options, OPT_MODE);

    if (given > RELAY_MAX_WAYS) {
        *why = xprintf("%zu times --mode is too much; %d ways in are possible", given, RELAY_MAX_WAYS);
        return false;
    }
    relay->way_count = given > 0 ? given : 1;
    for (size_t i = 0; i < relay->way_count; i++) {
        const char *text = given > 0 ? options_list_at(options, OPT_MODE, i) : options_text(options, OPT_MODE);
        struct proxy_mode *mode = &arguments->modes[i];

        proxy_mode_parse(str_from(text), mode);
        if (i > 0 && !mode->has_listen_port) {
            *why = xprintf("--mode %s: a second way in needs a port of its own: --mode %s@PORT", text, text);
            return false;
        }
        relay->ways[i] = (struct relay_way){
            .mode = mode->mode,
            .listen_host = listen_host_of(options, mode),
            .listen_port =
                mode->has_listen_port ? mode->listen_port : (unsigned)options_number(options, OPT_LISTEN_PORT),
            .next_free_port = !mode->has_listen_port && options_origin(options, OPT_LISTEN_PORT) == ORIGIN_DEFAULT,
            .reverse_host = mode->host,
            .reverse_port = mode->port,
            .tproxy = mode->tproxy,
        };
    }
    return true;
}

static bool
has_reverse(const struct relay_options *relay)
{
    for (size_t i = 0; i < relay->way_count; i++)
        if (relay->ways[i].mode == RELAY_REVERSE)
            return true;
    return false;
}

static bool
add_own_certificate(struct relay_options *relay, const struct options *options, char **why)
{
    relay->own_cert = options_text(options, OPT_CERT);
    relay->own_key = options_text(options, OPT_KEY);
    if (relay->own_cert == NULL && relay->own_key != NULL)
        *why = xstrdup("--key is the key of --cert, which is missing");
    else if (relay->own_cert != NULL && !has_reverse(relay))
        *why = xstrdup(
            "--cert is for --mode reverse:https://HOST alone; the certificates of other modes are made for each "
            "host (the CA for them: --ca-cert and --ca-key)");
    return *why == NULL;
}

bool
relay_arguments_init(struct relay_arguments *arguments, const struct options *options, const struct connect_to *more,
                     size_t more_count, int *code, char **why)
{
    struct relay_options *relay = &arguments->relay;

    *arguments = (struct relay_arguments){ 0 };
    *why = NULL;
    *code = EXIT_USAGE;
    if (!add_ways(arguments, options, why) || !add_own_certificate(relay, options, why) ||
        !live_proxy_init(&arguments->proxy, options, arguments->modes, relay->way_count, code, why))
        return false;
    relay->next_proxy = arguments->proxy.next_proxy;
    relay->upstream_ca = options_text(options, OPT_UPSTREAM_CA);
    relay->insecure = options_flag(options, OPT_INSECURE);
    relay->client_cert = options_text(options, OPT_CLIENT_CERT);
    relay->auto_bypass = options_flag(options, OPT_AUTO_BYPASS);
    relay->full_handshakes = options_flag(options, OPT_FULL_HANDSHAKES);
    relay->dial_timeout_s = relay->handshake_timeout_s = (int)options_number(options, OPT_CONNECT_TIMEOUT);
    relay->key_log = getenv("SSLKEYLOGFILE");
    if (relay->key_log != NULL && *relay->key_log == '\0')
        relay->key_log = NULL;
    relay->body_ceiling = BODY_CEILING;
    relay->max_connections = (size_t)options_number(options, OPT_MAX_CONNECTIONS);
    relay->no_http2 = options_flag(options, OPT_NO_HTTP2);
    arguments->allow_hosts = list_of(options, OPT_ALLOW_HOSTS, &relay->allow_host_count);
    arguments->ignore_hosts = list_of(options, OPT_IGNORE_HOSTS, &relay->ignore_host_count);
    relay->allow_hosts = arguments->allow_hosts;
    relay->ignore_hosts = arguments->ignore_hosts;
    add_connect_to(arguments, options, more, more_count);
    return true;
}

void
relay_arguments_release(struct relay_arguments *arguments)
{
    for (size_t i = 0; i < arguments->relay.connect_to_count; i++) {
        free(arguments->connect_to[i].host);
        free(arguments->connect_to[i].to_host);
    }
    live_proxy_release(&arguments->proxy);
    free(arguments->connect_to);
    free(arguments->allow_hosts);
    free(arguments->ignore_hosts);
    *arguments = (struct relay_arguments){ 0 };
}

/* What a browser on this machine must be told: an address that means "all" is reached by loopback. */
const char *
relay_way_host(const struct relay_way *way)
{
    const char *host = way->listen_host;

    return strcmp(host, "0.0.0.0") == 0 ? "127.0.0.1" : strcmp(host, "::") == 0 ? "[::1]" : host;
}

void
relay_way_address(struct buf *out, const struct relay_way *way, unsigned port)
{
    const char *host = relay_way_host(way);
    bool is_bare_v6 = strchr(host, ':') != NULL && host[0] != '[';

    buf_printf(out, is_bare_v6 ? "[%s]:%u" : "%s:%u", host, port);
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
        if (!(option_row(id)->commands & COMMAND_DESK) || id == OPT_STATE_DIR || id == OPT_CONFIG)
            continue;
        for (size_t i = 0; i < options_list_count(options, id); i++)
            add_argument(&arguments, &count, xprintf("--%s=%s", option_row(id)->name, options_list_at(options, id, i)));
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

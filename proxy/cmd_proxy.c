/* SPDX-License-Identifier: MIT */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "exit_code.h"
#include "live.h"
#include "live_options.h"
#include "live_words.h"
#include "log.h"
#include "memory.h"
#include "packet_rules.h"
#include "scope.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 64 * 1024 };

static void
on_ready(struct live *live, void *data)
{
    bool is_regular = live_relay_options(live)->ways[0].mode == RELAY_REGULAR;

    (void)data;
    live_words_print(live, is_regular ? STR("open your sign-in page there; http://samltap.test/ shows that you are "
                                            "going through")
                                      : STR("open your sign-in page there"));
}

/* The name of whom we run as, or its number. */
static void
name_user(char *out, size_t size)
{
    const struct passwd *entry = getpwuid(geteuid());

    if (entry != NULL)
        snprintf(out, size, "%s", entry->pw_name);
    else
        snprintf(out, size, "%u", (unsigned)geteuid());
}

static int
print_rules(const struct options *options)
{
    struct relay_arguments arguments;
    const struct relay_options *relay = &arguments.relay;
    struct buf out;
    char *why = NULL, user[64];
    int code;

    buf_init(&out, OUTPUT_MAX_BYTES);
    name_user(user, sizeof user);
    if (relay_arguments_init(&arguments, options, NULL, 0, &code, &why)) {
        for (size_t i = 0; i < relay->way_count; i++)
            if (relay->ways[i].mode == RELAY_TRANSPARENT)
                packet_rules_all(&out, &relay->ways[i], relay->ways[i].listen_port, (unsigned)geteuid(), user);
        code = EXIT_PASS;
        if (out.len == 0) {
            why = xstrdup("--print-rules is about --mode transparent or transparent:tproxy, which is missing");
            code = EXIT_USAGE;
        }
    }
    if (why != NULL)
        log_error("%s", why);
    else if (!terminal_print(buf_str(&out)))
        code = EXIT_RUNTIME;
    relay_arguments_release(&arguments);
    buf_release(&out);
    free(why);
    return code;
}

static int
print_bypass(void)
{
    const struct scope_bypass *row;
    struct buf out;
    bool printed;

    buf_init(&out, OUTPUT_MAX_BYTES);
    buf_add_c(&out, "These hosts pass unopened unless --allow-hosts names them (it then decides alone):\n\n");
    for (size_t i = 0; (row = scope_bypass_at(i)) != NULL; i++)
        buf_printf(&out, "%s%s%s\n    %s\n", row->pattern, row->port != NULL ? " port " : "",
                   row->port != NULL ? row->port : "", row->reason);
    printed = terminal_print(buf_str(&out));
    buf_release(&out);
    return printed ? EXIT_PASS : EXIT_RUNTIME;
}

int
cmd_proxy(const struct options *options)
{
    struct live_options how = { .options = options, .on_ready = on_ready };
    char *why = NULL;
    int code;
    struct live *live;

    if (options_flag(options, OPT_PRINT_RULES))
        return print_rules(options);
    if (options_flag(options, OPT_PRINT_BYPASS))
        return print_bypass();
    live = live_new(&how, &code, &why);
    if (live == NULL)
        log_error("%s", why);
    else
        code = live_run(live);
    live_free(live);
    free(why);
    return code;
}

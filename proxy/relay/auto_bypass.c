/* SPDX-License-Identifier: MIT */
#include "auto_bypass.h"

#include <stdio.h>
#include <string.h>

#include "log.h"

/* In front of a server of the user's own, nothing can pass unopened. */
static bool
is_behind_reverse(const struct relay_options *options, const char *host, unsigned port)
{
    for (size_t i = 0; i < options->way_count; i++) {
        const struct relay_way *way = &options->ways[i];

        if (way->mode == RELAY_REVERSE && way->reverse_port == port && strcmp(way->reverse_host, host) == 0)
            return true;
    }
    return false;
}

void
auto_bypass_note(struct core *core, enum interference kind, const char *host, unsigned port)
{
    const char *reason = interference_bypass_reason(kind);
    char text[300];

    if (!core->options.auto_bypass || reason == NULL || scope_is_named(core->scope, str_from(host), port) ||
        is_behind_reverse(&core->options, host, port))
        return;
    snprintf(text, sizeof text, "--auto-bypass: %s", reason);
    if (!host_table_count(&core->bypassed, host, port, text))
        return;
    core->stats.auto_bypassed++;
    log_warn("%s port %u passes unopened from now on (--auto-bypass): %s; nothing that goes there is examined", host,
             port, reason);
}

const char *
auto_bypass_reason(const struct core *core, const char *host, unsigned port)
{
    const struct host_row *row = host_table_find(&core->bypassed, host, port);

    return row != NULL ? row->reason : NULL;
}

/* SPDX-License-Identifier: MIT */
#include "auto_bypass.h"

#include <stdio.h>

#include "log.h"

void
auto_bypass_note(struct core *core, enum interference kind, const char *host, unsigned port)
{
    const char *reason = interference_bypass_reason(kind);
    char text[300];

    if (!core->options.auto_bypass || reason == NULL || scope_is_named(core->scope, str_from(host), port))
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

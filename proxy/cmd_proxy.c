/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "commands.h"
#include "exit_code.h"
#include "live.h"
#include "live_words.h"
#include "log.h"

static void
on_ready(struct live *live, void *data)
{
    bool is_regular = live_relay_options(live)->ways[0].mode == RELAY_REGULAR;

    (void)data;
    live_words_print(live, is_regular ? STR("open your sign-in page there; http://samltap.test/ shows that you are "
                                            "going through")
                                      : STR("open your sign-in page there"));
}

int
cmd_proxy(const struct options *options)
{
    struct live_options how = { .options = options, .on_ready = on_ready };
    char *why = NULL;
    int code;
    struct live *live = live_new(&how, &code, &why);

    if (live == NULL)
        log_error("%s", why);
    else
        code = live_run(live);
    live_free(live);
    free(why);
    return code;
}

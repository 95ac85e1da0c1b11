/* SPDX-License-Identifier: MIT */
#include "option_gather.h"

#include <stdlib.h>
#include <unistd.h>

#include "file.h"
#include "memory.h"

enum { CONFIG_MAX_BYTES = 1024 * 1024 };

/* The config file to read, malloc'd: --config, else the default one when it exists, else NULL. */
static char *
config_path(const struct options *options)
{
    const char *given = options_text(options, OPT_CONFIG);
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char *path;

    if (given != NULL)
        return xstrdup(given);
    if (base != NULL && *base == '/')
        path = xprintf("%s/samltap/config", base);
    else if (home != NULL && *home != '\0')
        path = xprintf("%s/.config/samltap/config", home);
    else
        return NULL;
    if (access(path, F_OK) == 0)
        return path;
    free(path);
    return NULL;
}

static bool
read_config(struct options *options, char **why)
{
    char *path = config_path(options);
    struct buf text;
    bool done = true;

    if (path == NULL)
        return true;
    done = file_read(path, CONFIG_MAX_BYTES, &text, why) && options_read_config(options, buf_str(&text), path, why);
    buf_release(&text);
    free(path);
    return done;
}

struct options *
options_gather(const struct option_sources *sources, char **why)
{
    struct options *options = options_new();

    bool is_complete = sources->command == COMMAND_DESK; /* its parent says all, as it was read once */

    options_set_sources(options, sources);
    if (options_parse(options, sources->command, sources->command_name, sources->argc, sources->argv, why) &&
        (is_complete || (options_read_environment(options, sources->environment, why) && read_config(options, why))))
        return options;
    options_free(options);
    return NULL;
}

struct options *
options_gather_again(const struct options *options, char **why)
{
    return options_gather(options_sources(options), why);
}

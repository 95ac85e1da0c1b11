/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "ca_store.h"
#include "commands.h"
#include "counts_socket.h"
#include "counts_text.h"
#include "exit_code.h"
#include "log.h"
#include "terminal.h"

/* Keeps only the wanted one. Returns how many are left. */
static size_t
choose(pid_t *pids, size_t count, pid_t wanted)
{
    for (size_t i = 0; i < count && wanted != 0; i++) {
        if (pids[i] == wanted) {
            pids[0] = wanted;
            return 1;
        }
    }
    return wanted != 0 ? 0 : count;
}

static int
print_counts(const char *directory, pid_t pid, const char *word, bool is_first)
{
    struct buf text;
    char *why = NULL;
    int code = EXIT_PASS;

    buf_init(&text, COUNTS_MAX_BYTES);
    if (!counts_socket_ask(directory, pid, word, &text, &why)) {
        log_error("%s", why);
        code = EXIT_RUNTIME;
    } else {
        if (*word == 'j')
            buf_add_byte(&text, '\n');
        else if (!is_first)
            terminal_print(STR("\n"));
        if (buf_failed(&text) || !terminal_print(buf_str(&text)))
            code = EXIT_RUNTIME;
    }
    buf_release(&text);
    free(why);
    return code;
}

static int
ask_all(const struct options *options, const char *directory)
{
    bool as_prometheus = options_flag(options, OPT_PROMETHEUS), as_json = options_flag(options, OPT_JSON);
    pid_t pids[COUNTS_MAX_PROXIES];
    size_t found = counts_socket_find(directory, pids);
    size_t count = choose(pids, found, (pid_t)options_number(options, OPT_PID));
    int code = EXIT_PASS;

    if (count == 0 && found > 0)
        log_error("no proxy with the process ID %s runs with the state directory %s; 'samltap stats' shows all",
                  options_text(options, OPT_PID), directory);
    else if (count == 0)
        log_error("no proxy runs with the state directory %s (--state-dir names another)", directory);
    if (count == 0)
        return EXIT_RUNTIME;
    if (count > 1 && as_prometheus) {
        log_error("%zu proxies run with the state directory %s; choose one with --pid, for example --pid %ld", count,
                  directory, (long)pids[0]);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < count && code == EXIT_PASS; i++)
        code = print_counts(directory, pids[i], as_prometheus ? "prometheus" : as_json ? "json" : "table", i == 0);
    return code;
}

int
cmd_stats(const struct options *options)
{
    char *why = NULL, *directory;
    int code = EXIT_RUNTIME;

    if (options_flag(options, OPT_PROMETHEUS) && options_flag(options, OPT_JSON)) {
        log_error("--json and --prometheus are two formats; give one of them");
        return EXIT_USAGE;
    }
    directory = state_directory_path(options, &why);
    if (directory == NULL)
        log_error("%s", why);
    else
        code = ask_all(options, directory);
    free(directory);
    free(why);
    return code;
}

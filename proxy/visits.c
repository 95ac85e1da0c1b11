/* SPDX-License-Identifier: MIT */
#include "visits.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exit_code.h"
#include "log.h"
#include "memory.h"
#include "own_program.h"

enum { MAX_ARGUMENTS = 16 };

struct visits {
    struct event *child;
    pid_t pid; /* 0: none runs */
    unsigned proxy_port;
    const char *ca_path, *user;
    const struct visit_plan *plans;
    size_t count, next;
    int code;
    void (*done)(void *data, int code);
    void *data;
};

/* The browser's own words would mix with the verdicts: only its errors are shown. */
static char **
arguments_of(const struct visits *visits, const struct visit_plan *plan)
{
    char **arguments = xcalloc(MAX_ARGUMENTS, sizeof(*arguments));
    size_t count = 0;

    arguments[count++] = xstrdup("samltap");
    arguments[count++] = xstrdup("lab");
    arguments[count++] = xprintf("--visit=%s", plan->target);
    arguments[count++] = xprintf("--proxy-port=%u", visits->proxy_port);
    arguments[count++] = xprintf("--ca=%s", visits->ca_path);
    arguments[count++] = xprintf("--user=%s", visits->user);
    arguments[count++] = xstrdup("--quiet");
    if (plan->fault != NULL)
        arguments[count++] = xprintf("--fault=%s", plan->fault);
    return arguments;
}

static void
begin_next(struct visits *visits)
{
    char **arguments = arguments_of(visits, &visits->plans[visits->next++]);

    visits->pid = fork();
    if (visits->pid == 0) {
        close_range(3, ~0U, 0);
        own_program_run(arguments);
        _exit(EXIT_RUNTIME);
    }
    if (visits->pid < 0) {
        log_error("the lab's browser cannot be started: %s", strerror(errno));
        visits->pid = 0;
        visits->done(visits->data, EXIT_RUNTIME);
    }
    for (size_t i = 0; arguments[i] != NULL; i++)
        free(arguments[i]);
    free(arguments);
}

/* A refused sign-in (code 1) is what many visits are for; only a browser that could not go on counts. */
static void
on_child(evutil_socket_t number, short what, void *data)
{
    struct visits *visits = data;
    int status, code;

    (void)number;
    (void)what;
    if (visits->pid <= 0 || waitpid(visits->pid, &status, WNOHANG) != visits->pid)
        return;
    visits->pid = 0;
    code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_RUNTIME;
    if (visits->code == EXIT_PASS && code != EXIT_PASS && code != EXIT_FAIL)
        visits->code = code;
    if (visits->next < visits->count)
        begin_next(visits);
    else
        visits->done(visits->data, visits->code);
}

struct visits *
visits_new(struct event_base *base, unsigned proxy_port, const char *ca_path, const char *user,
           const struct visit_plan *plans, size_t count, void (*done)(void *data, int code), void *data)
{
    struct visits *visits = xcalloc(1, sizeof(*visits));

    visits->proxy_port = proxy_port;
    visits->ca_path = ca_path;
    visits->user = user;
    visits->plans = plans;
    visits->count = count;
    visits->done = done;
    visits->data = data;
    visits->child = evsignal_new(base, SIGCHLD, on_child, visits);
    if (visits->child != NULL)
        event_add(visits->child, NULL);
    begin_next(visits);
    return visits;
}

void
visits_free(struct visits *visits)
{
    if (visits == NULL)
        return;
    if (visits->pid > 0) {
        kill(visits->pid, SIGKILL);
        while (waitpid(visits->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    if (visits->child != NULL)
        event_free(visits->child);
    free(visits);
}

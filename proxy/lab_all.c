/* SPDX-License-Identifier: MIT */
#include "lab_all.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ca_store.h"
#include "escape.h"
#include "exit_code.h"
#include "lab.h"
#include "log.h"
#include "memory.h"
#include "own_program.h"
#include "terminal.h"

enum { OUTPUT_MAX_BYTES = 16 * 1024 * 1024, VISIT_LIMIT_MS = 60 * 1000, LINE_MAX_BYTES = 4096 };

static const char *const targets[] = { "iam", "idc" };

struct trial {
    const char *state_directory;
    const char *user;
    const char *target;
    const char *fault;    /* NULL: the good sign-in */
    const char *expected; /* id, or "pass" */
    char *found;          /* the same, malloc'd */
};

/* In the child: this program again, its standard output into the pipe. */
static NO_RETURN void
become_trial(const struct trial *trial, int output)
{
    char *arguments[12] = { NULL };
    size_t count = 0;

    arguments[count++] = xstrdup("samltap");
    arguments[count++] = xstrdup("lab");
    arguments[count++] = xstrdup("--once");
    arguments[count++] = xstrdup("--json");
    arguments[count++] = xstrdup("--quiet");
    arguments[count++] = xstrdup("--no-ui");
    arguments[count++] = xstrdup("--listen-port=0");
    arguments[count++] = xprintf("--target=%s", trial->target);
    arguments[count++] = xprintf("--state-dir=%s", trial->state_directory);
    arguments[count++] = xprintf("--user=%s", trial->user);
    if (trial->fault != NULL)
        arguments[count++] = xprintf("--fault=%s", trial->fault);
    dup2(output, STDOUT_FILENO);
    own_program_run(arguments);
    _exit(EXIT_RUNTIME);
}

static int64_t
monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Reads to the end, or until time is up. Returns false then. */
static bool
read_output(int output, struct buf *text)
{
    const int64_t until = monotonic_ms() + VISIT_LIMIT_MS;
    char bytes[65536];

    for (;;) {
        struct pollfd wait = { .fd = output, .events = POLLIN };
        int64_t left = until - monotonic_ms();
        ssize_t got;

        if (left <= 0 || poll(&wait, 1, (int)left) == 0)
            return false;
        got = read(output, bytes, sizeof(bytes));
        if (got > 0)
            buf_add(text, bytes, (size_t)got);
        else if (got == 0 || (errno != EINTR && errno != EAGAIN))
            return !buf_failed(text);
    }
}

/* The id of the first finding of a sign-in when it is more than information, else the verdict. */
static const char *
named_first(const json_t *signin)
{
    const json_t *first = json_array_get(json_object_get(signin, "findings"), 0);
    const char *id = json_string_value(json_object_get(first, "id"));
    const char *severity = json_string_value(json_object_get(first, "severity"));
    const char *verdict = json_string_value(json_object_get(signin, "verdict"));

    if (id != NULL && severity != NULL && strcmp(severity, "info") != 0)
        return id;
    return verdict != NULL ? verdict : "nothing";
}

/* "pass", or the id of the first finding, of the last sign-in in the output. */
static char *
first_finding(struct str output)
{
    char *found = xstrdup("no sign-in was seen");
    struct str line;

    while (str_present(output)) {
        json_t *value;
        const char *type;

        str_cut(output, '\n', &line, &output);
        value = json_loadb(line.ptr, line.len, 0, NULL);
        type = json_string_value(json_object_get(value, "type"));
        if (type != NULL && strcmp(type, "signin") == 0) {
            free(found);
            found = xstrdup(named_first(value));
        }
        json_decref(value);
    }
    return found;
}

static void
run_trial(struct trial *trial)
{
    struct buf output;
    int ends[2], status = 0;
    pid_t child;

    if (pipe2(ends, O_CLOEXEC) != 0 || (child = fork()) < 0) {
        trial->found = xprintf("cannot be started: %s", strerror(errno));
        return;
    }
    if (child == 0)
        become_trial(trial, ends[1]);
    close(ends[1]);
    buf_init(&output, OUTPUT_MAX_BYTES);
    if (read_output(ends[0], &output)) {
        trial->found = first_finding(buf_str(&output));
    } else {
        kill(child, SIGTERM);
        trial->found = xprintf("no end within %d s", VISIT_LIMIT_MS / 1000);
    }
    close(ends[0]);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    buf_release(&output);
}

static bool
try_one(struct trial *trial)
{
    bool same;
    struct buf line;

    run_trial(trial);
    same = strcmp(trial->found, trial->expected) == 0;
    buf_init(&line, LINE_MAX_BYTES);
    buf_printf(&line, "%s %-28s %-4s %-32s ", same ? "ok  " : "FAIL", trial->fault ? trial->fault : "(nothing wrong)",
               trial->target, trial->expected);
    escape_text(&line, str_from(trial->found));
    buf_add_byte(&line, '\n');
    terminal_print(buf_str(&line));
    buf_release(&line);
    free(trial->found);
    trial->found = NULL;
    return same;
}

static void
print_sum(size_t tried, size_t same)
{
    struct buf line;

    buf_init(&line, LINE_MAX_BYTES);
    buf_printf(&line, "%zu of %zu as expected\n", same, tried);
    terminal_print(buf_str(&line));
    buf_release(&line);
}

int
lab_all(const struct options *options)
{
    char *why = NULL, *directory = state_directory(options, &why);
    struct trial trial = { .state_directory = directory, .user = options_text(options, OPT_USER) };
    size_t tried = 0, same = 0;

    if (directory == NULL) {
        log_error("%s", why);
        free(why);
        return EXIT_RUNTIME;
    }
    for (size_t t = 0; t < COUNT_OF(targets); t++) {
        trial.target = targets[t];
        trial.fault = NULL;
        trial.expected = "pass";
        tried++;
        same += try_one(&trial);
        for (size_t i = 0; i < lab_fault_count(); i++) {
            const struct lab_fault *fault = lab_fault_at(i);

            if (!lab_fault_shows(fault, targets[t]))
                continue;
            trial.fault = fault->name;
            trial.expected = lab_fault_finding(fault, targets[t]);
            tried++;
            same += try_one(&trial);
        }
    }
    print_sum(tried, same);
    free(directory);
    return same == tried ? EXIT_PASS : EXIT_FAIL;
}

/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "exit_code.h"
#include "file.h"
#include "lab.h"
#include "lab_all.h"
#include "live.h"
#include "live_words.h"
#include "log.h"
#include "memory.h"
#include "nearest.h"
#include "terminal.h"
#include "visits.h"

enum { OUTPUT_MAX_BYTES = 256 * 1024, CA_MAX_BYTES = 256 * 1024, METADATA_FILES = 3, LAB_HOSTS = 3, MAX_VISITS = 2 };

/* A fault that shows what the tool is for: one letter in the wrong case, and no word of it from the SP. */
static const char demo_fault[] = "wrong-attribute-case";

struct practice {
    const struct options *options;
    struct lab lab;
    char *metadata[METADATA_FILES + 1];
    struct connect_to connect_to[LAB_HOSTS];
    struct visit_plan plans[MAX_VISITS];
    size_t plan_count;
    struct visits *visits;
    struct live *live;
};

static int
list_faults(void)
{
    struct buf out;
    bool printed;

    buf_init(&out, OUTPUT_MAX_BYTES);
    for (size_t i = 0; i < lab_fault_count(); i++) {
        const struct lab_fault *fault = lab_fault_at(i);

        buf_printf(&out, "%-28s %-5s %s\n", fault->name, fault->target, fault->title);
    }
    printed = terminal_print(buf_str(&out));
    buf_release(&out);
    return printed ? EXIT_PASS : EXIT_RUNTIME;
}

/* Says so, with the nearest name, when there is no such fault. */
static bool
fault_is_known(const char *name)
{
    const char *nearest = NULL;
    size_t least = SIZE_MAX;

    if (name == NULL || lab_fault_find(name) != NULL)
        return true;
    for (size_t i = 0; i < lab_fault_count(); i++) {
        size_t distance = edit_distance(name, lab_fault_at(i)->name);

        if (distance < least) {
            least = distance;
            nearest = lab_fault_at(i)->name;
        }
    }
    if (edit_distance_is_near(name, least))
        log_error("--fault: there is no fault '%s'; did you mean '%s'?", name, nearest);
    else
        log_error("--fault: there is no fault '%s'; 'samltap lab --list' has them", name);
    return false;
}

static const char *
target_of(const struct options *options, const char *fault)
{
    const char *given = options_text(options, OPT_TARGET);
    const struct lab_fault *row = fault ? lab_fault_find(fault) : NULL;

    if (given != NULL)
        return given;
    return row == NULL || lab_fault_shows(row, "iam") ? "iam" : "idc";
}

/* --- one visit (samltap lab --visit) ------------------------------------------------------------------- */

static int
visit(const struct options *options)
{
    struct lab_visit plan = { .proxy_port = (unsigned)options_number(options, OPT_PROXY_PORT),
                              .target = options_text(options, OPT_VISIT),
                              .user = options_text(options, OPT_USER),
                              .fault = options_text(options, OPT_FAULT) };
    const char *ca_path = options_text(options, OPT_CA);
    struct lab_visit_result result;
    struct buf ca;
    char *why = NULL;
    int code = EXIT_RUNTIME;

    if (plan.proxy_port == 0 || ca_path == NULL) {
        log_error("--visit needs --proxy-port PORT and --ca FILE");
        return EXIT_USAGE;
    }
    if (file_read_input(ca_path, CA_MAX_BYTES, &ca, &why)) {
        plan.ca_pem = buf_str(&ca);
        if (lab_browse(&plan, &result, &why)) {
            log_info("%u %s %s%s%s", result.status, result.url, result.title, *result.said ? ": " : "", result.said);
            code = result.acs_status == 0 || result.acs_status >= 400 || *result.said ? EXIT_FAIL : EXIT_PASS;
        }
    }
    if (why != NULL)
        log_error("the lab's browser could not go on: %s", why);
    buf_release(&ca);
    free(why);
    return code;
}

/* --- the lab behind the proxy ------------------------------------------------------------------------------ */

static bool
write_metadata(struct practice *practice, const char *directory, size_t i, const char *name, const struct buf *bytes,
               char **why)
{
    char *path = xprintf("%s/lab-%s.xml", directory, name);

    unlink(path);
    practice->metadata[i] = path;
    return file_create(path, 0600, buf_str(bytes), why);
}

static bool
prepare(struct practice *practice, const char *directory, char **why)
{
    static const char *const hosts[LAB_HOSTS] = { "idp.samltap.test", "aws.samltap.test", "idc.samltap.test" };

    for (size_t i = 0; i < LAB_HOSTS; i++)
        practice->connect_to[i] = (struct connect_to){
            .host = xstrdup(hosts[i]), .port = 443, .to_host = xstrdup("127.0.0.1"), .to_port = practice->lab.port
        };
    return write_metadata(practice, directory, 0, "idp", &practice->lab.idp_metadata, why) &&
           write_metadata(practice, directory, 1, "iam", &practice->lab.iam_metadata, why) &&
           write_metadata(practice, directory, 2, "idc", &practice->lab.idc_metadata, why);
}

static void
on_visited(void *data, int code)
{
    struct practice *practice = data;

    if (options_flag(practice->options, OPT_ONCE))
        live_stop(practice->live, code);
}

static void
on_ready(struct live *live, void *data)
{
    struct practice *practice = data;

    practice->live = live;
    if (!options_flag(practice->options, OPT_ONCE))
        live_words_print(live,
                         STR("open https://idp.samltap.test/ there and sign in; 'samltap lab --list' has what can "
                             "go wrong"));
    if (practice->plan_count > 0)
        practice->visits = visits_new(live_base(live), live_port(live), live_ca(live)->certificate_path,
                                      options_text(practice->options, OPT_USER), practice->plans, practice->plan_count,
                                      on_visited, practice);
}

static void
plan_visits(struct practice *practice)
{
    const char *fault = options_text(practice->options, OPT_FAULT);

    if (options_flag(practice->options, OPT_ONCE)) {
        practice->plans[0] = (struct visit_plan){ target_of(practice->options, fault), fault };
        practice->plan_count = 1;
    } else if (options_flag(practice->options, OPT_DEMO)) {
        practice->plans[0] = (struct visit_plan){ "iam", NULL };
        practice->plans[1] = (struct visit_plan){ "iam", fault ? fault : demo_fault };
        practice->plan_count = 2;
    }
}

static int
run_live(struct practice *practice)
{
    struct live_options how = { .options = practice->options,
                                .connect_to = practice->connect_to,
                                .connect_to_count = COUNT_OF(practice->connect_to),
                                .extra_upstream_ca = buf_str(&practice->lab.ca_pem),
                                .extra_upstream_suffix = ".samltap.test",
                                .metadata = (const char *const *)practice->metadata,
                                .on_ready = on_ready,
                                .data = practice };
    char *why = NULL;
    int code;
    struct live *live = live_new(&how, &code, &why);

    if (live == NULL)
        log_error("%s", why);
    else
        code = live_run(live);
    visits_free(practice->visits);
    live_free(live);
    free(why);
    return code;
}

/* The lab is forked first: its process never sees the interception CA's key. */
static int
practise(const struct options *options)
{
    struct practice practice = { .options = options };
    const char *fault = options_flag(options, OPT_DEMO) ? NULL : options_text(options, OPT_FAULT);
    char *why = NULL, *directory = state_directory(options, &why);
    int code = EXIT_RUNTIME;

    plan_visits(&practice);
    if (directory != NULL && lab_start(&practice.lab, fault, &why)) {
        if (prepare(&practice, directory, &why))
            code = run_live(&practice);
        lab_stop(&practice.lab);
    }
    if (why != NULL)
        log_error("%s", why);
    for (size_t i = 0; i < METADATA_FILES; i++)
        free(practice.metadata[i]);
    for (size_t i = 0; i < LAB_HOSTS; i++) {
        free(practice.connect_to[i].host);
        free(practice.connect_to[i].to_host);
    }
    free(directory);
    free(why);
    return code;
}

int
cmd_lab(const struct options *options)
{
    if (options_flag(options, OPT_LIST))
        return list_faults();
    if (!fault_is_known(options_text(options, OPT_FAULT)))
        return EXIT_USAGE;
    if (options_text(options, OPT_VISIT) != NULL)
        return visit(options);
    if (options_flag(options, OPT_LAB_ALL))
        return lab_all(options);
    return practise(options);
}

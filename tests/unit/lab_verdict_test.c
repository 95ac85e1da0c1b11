/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examine.h"
#include "lab.h"
#include "lab_visitor.h"
#include "parties.h"

/*
 * Every fault of the lab, shown to the examination as the desk would see it: the first cause must be
 * the one that the fault's row names.
 */

/* 2026-01-01T12:00:00Z */
static const int64_t now_ms = (int64_t)1767268800 * 1000;

enum { PORTAL_WAIT_MS = 60 * 1000 };

struct fixture {
    struct lab_site site;
    struct arena *arena;
    struct settings settings;
    struct metadata *metadata[3];
};

struct watcher {
    const struct settings *settings;
    struct signin_table *table;
};

static void
add_metadata(struct fixture *fixture, struct str xml, const char *name)
{
    struct saml_options options = { 0 };
    struct xml_status status = { 0 };
    struct saml_message *message = saml_read(fixture->arena, xml, &options, &status);

    assert_non_null(message);
    assert_int_equal(message->kind, MESSAGE_METADATA);
    message->metadata->source = str_from(name);
    fixture->metadata[fixture->settings.metadata_count++] = message->metadata;
}

static int
set_up(void **state)
{
    static struct fixture fixture;
    struct settings *settings = &fixture.settings;
    const struct metadata_entity *idp;
    const char *why;

    if (!saml_library_init(&why) || !lab_site_init(&fixture.site, NULL, now_ms))
        return -1;
    fixture.arena = arena_new(32 << 20);
    *settings = (struct settings){ .arena = fixture.arena,
                                   .keys = key_set_new(),
                                   .metadata = fixture.metadata,
                                   .clock_skew_s = 180,
                                   .second_opinion = true };
    add_metadata(&fixture, lab_idp_metadata(fixture.arena, lab_key_certificate(fixture.site.keys.ours)), "idp.xml");
    add_metadata(&fixture, lab_sp_metadata(fixture.arena, LAB_IAM), "iam.xml");
    add_metadata(&fixture, lab_sp_metadata(fixture.arena, LAB_IDC), "idc.xml");
    idp = &fixture.metadata[0]->entities[0];
    if (!key_set_add_certificate(settings->keys, idp->idp.keys[0].certificate.der, STR("idp.xml"), idp->entity_id))
        return -1;
    *state = &fixture;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    key_set_free(fixture->settings.keys);
    arena_free(fixture->arena);
    lab_site_release(&fixture->site);
    saml_library_cleanup();
    return 0;
}

static void
on_exchange(void *data, const struct exchange *exchange)
{
    struct watcher *watcher = data;
    struct report *report = examine_exchange(watcher->settings, watcher->table, exchange, STR("lab"));

    assert_non_null(report);
    report_release(report);
}

/* What the portal's page asks for. */
static void
load_portal(struct lab_visitor *visitor)
{
    lab_visitor_visit(visitor, "GET", STR(LAB_IDC_HOST), STR("/start/"), (struct str){ 0 });
    lab_visitor_visit(visitor, "GET", STR(LAB_IDC_HOST), STR("/api/portal/instance/appinstances"), (struct str){ 0 });
    lab_visitor_visit(visitor, "GET", STR(LAB_IDC_HOST), STR("/api/portal/assignment/accounts"), (struct str){ 0 });
}

/* Gives a copy of the first cause's id (malloc'd; "" when there is none), and the verdict. */
static char *
first_cause(struct fixture *fixture, const char *target, const char *fault, enum verdict *verdict)
{
    struct watcher watcher = { &fixture->settings, signin_table_new(&fixture->settings) };
    const struct signin *signin;
    const struct report *report;
    struct lab_visitor visitor;
    char *id;

    assert_non_null(watcher.table);
    lab_visitor_init(&visitor, &fixture->site, now_ms);
    visitor.seen = on_exchange;
    visitor.data = &watcher;
    lab_visitor_sign_in(&visitor, target, LAB_USER, fault);
    if (strcmp(target, "idc") == 0 && visitor.reply.status == 302)
        load_portal(&visitor);
    signin_finish_all(watcher.table);
    signin = examine_next_done(watcher.table, now_ms + PORTAL_WAIT_MS);
    report = signin != NULL ? signin_report(signin) : NULL;
    *verdict = report != NULL ? report->verdict : VERDICT_UNDECIDED;
    id = strdup(report != NULL && report->findings.count > 0 ? report->findings.items[0]->check->id : "");
    lab_visitor_release(&visitor);
    signin_table_free(watcher.table);
    return id;
}

static unsigned
check_fault(struct fixture *fixture, const char *target, const struct lab_fault *fault)
{
    const char *expected = lab_fault_finding(fault, target);
    enum verdict verdict;
    char *found = first_cause(fixture, target, fault->name, &verdict);
    bool right = strcmp(found, expected) == 0;

    if (!right)
        print_error("%s at %s: expected %s, found %s (%s)\n", fault->name, target, expected,
                    found[0] != '\0' ? found : "nothing", verdict_name(verdict));
    free(found);
    return !right;
}

static void
every_fault_is_named_first(void **state)
{
    unsigned wrong = 0;

    for (size_t i = 0; i < lab_fault_count(); i++) {
        const struct lab_fault *fault = lab_fault_at(i);

        if (lab_fault_shows(fault, "iam"))
            wrong += check_fault(*state, "iam", fault);
        if (lab_fault_shows(fault, "idc"))
            wrong += check_fault(*state, "idc", fault);
    }
    assert_int_equal(wrong, 0);
}

static void
good_sign_ins_pass(void **state)
{
    static const char *const targets[] = { "iam", "idc" };

    for (size_t i = 0; i < COUNT_OF(targets); i++) {
        enum verdict verdict;
        char *found = first_cause(*state, targets[i], "none", &verdict);

        if (verdict != VERDICT_PASS || found[0] != '\0')
            fail_msg("%s: %s, %s", targets[i], verdict_name(verdict), found);
        free(found);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_sign_ins_pass),
        cmocka_unit_test(every_fault_is_named_first),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "examine.h"
#include "saml_maker.h"
#include "saml_reading.h"

/* A Response was seen in the identity provider's page, and arrived otherwise: the page is the proof. */

#define ACS "https://sp.example.com/acs"
#define TEMPLATE                                                                                                       \
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "                                            \
    "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r%d\" Version=\"2.0\" "                                \
    "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer>https://idp.example.com</saml:Issuer>"                         \
    "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"            \
    "<saml:Assertion ID=\"_a%d\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\">"                               \
    "<saml:Issuer>https://idp.example.com</saml:Issuer><?sign key=\"idp\"?>"                                           \
    "<saml:Subject><saml:NameID>rare-name@example.com</saml:NameID></saml:Subject></saml:Assertion></samlp:Response>"

struct world {
    struct settings settings;
    struct signin_table *table;
    struct reading reading; /* makes and edits messages */
};

static void
world_init(struct world *world)
{
    *world = (struct world){ .settings = { .clock_skew_s = 180 } };
    reading_init(&world->reading);
    reading_trust(&world->reading, "idp");
    world->settings.arena = world->reading.arena;
    world->settings.keys = world->reading.keys;
    world->table = signin_table_new(&world->settings);
    assert_non_null(world->table);
}

static void
world_release(struct world *world)
{
    signin_table_free(world->table);
    reading_release(&world->reading);
}

static void
make(struct world *world, int number)
{
    char template[2000];

    snprintf(template, sizeof(template), TEMPLATE, number, number);
    reading_make(&world->reading, template);
}

static void
see_page(struct world *world)
{
    struct arena *arena = world->reading.arena;
    struct exchange *exchange =
        saml_maker_exchange(arena, "GET", "https://idp.example.com/sso?SAMLRequest=x", (struct str){ 0 });
    struct buf page;

    buf_init(&page, 1 << 20);
    saml_maker_page(ACS, "SAMLResponse", buf_str(&world->reading.xml), (struct str){ 0 }, &page);
    saml_maker_answer(arena, exchange, 200, "text/html", buf_str(&page));
    buf_release(&page);
    report_release(examine_exchange(&world->settings, world->table, exchange, STR("test")));
}

static struct report *
post(struct world *world)
{
    struct exchange *exchange =
        saml_maker_post(world->reading.arena, ACS, "SAMLResponse", buf_str(&world->reading.xml), (struct str){ 0 });
    struct report *report = examine_exchange(&world->settings, world->table, exchange, STR("test"));

    assert_non_null(report);
    return report;
}

static void
expect_said(const struct report *report, const char *words)
{
    for (size_t i = 0; i < report->findings.count; i++) {
        const struct finding *finding = report->findings.items[i];

        if (strcmp(finding->check->id, "sig-digest-mismatch") != 0)
            continue;
        if (str_find_c(finding->text, words) == SIZE_MAX)
            fail_msg("%.*s", STR_ARG(finding->text));
        return;
    }
    fail_msg("no digest mismatch is reported");
}

static void
the_page_is_the_proof(void **state)
{
    struct world world;
    struct report *report;

    (void)state;
    world_init(&world);
    make(&world, 1);
    see_page(&world);
    reading_edit(&world.reading, "rare-name@", "admin@");
    report = post(&world);
    expect_said(report, "Proven: changed on the way: it was intact in the page of idp.example.com/sso");
    expect_said(report, "rare-name@example.com");
    report_release(report);
    world_release(&world);
}

/* Another message of the page proves nothing about this one. */
static void
another_page_is_no_proof(void **state)
{
    struct world world;
    struct report *report;

    (void)state;
    world_init(&world);
    make(&world, 1);
    see_page(&world);
    make(&world, 2);
    reading_edit(&world.reading, "_a2", "_a3");
    reading_edit(&world.reading, "rare-name@", "admin@");
    report = post(&world);
    expect_said(report, "could not be found out");
    report_release(report);
    world_release(&world);
}

/* The user of the sign-in before is what the name was before it was changed. */
static void
values_of_the_last_signin_are_tried(void **state)
{
    struct world world;
    struct report *report;

    (void)state;
    world_init(&world);
    make(&world, 1);
    report_release(post(&world));
    make(&world, 2);
    reading_edit(&world.reading, "rare-name@", "admin@");
    report = post(&world);
    expect_said(report, "NameID was rewritten from \"rare-name@example.com\" to \"admin@example.com\" after signing");
    report_release(report);
    world_release(&world);
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    return saml_library_init(&why) ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    saml_maker_release();
    saml_library_cleanup();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_the_proof),
        cmocka_unit_test(another_page_is_no_proof),
        cmocka_unit_test(values_of_the_last_signin_are_tried),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

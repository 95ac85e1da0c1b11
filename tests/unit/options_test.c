/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "help.h"
#include "nearest.h"
#include "options.h"

#define PARSE(options, why, ...)                                                                                       \
    options_parse(options, COMMAND_INSPECT, "inspect",                                                                 \
                  (int)(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)), (const char *[]){ __VA_ARGS__ },    \
                  why)

static void
test_both_forms_and_arguments(void **state)
{
    struct options *options = options_new();
    char *why = NULL;

    (void)state;
    assert_true(PARSE(options, &why, "a.xml", "--acs-url=https://sp.test/acs?x=1", "--sp-entity-id", "urn:sp", "-qv",
                      "-", "--", "--json"));
    assert_string_equal(options_text(options, OPT_ACS_URL), "https://sp.test/acs?x=1");
    assert_string_equal(options_text(options, OPT_SP_ENTITY_ID), "urn:sp");
    assert_true(options_flag(options, OPT_QUIET) && options_flag(options, OPT_VERBOSE));
    assert_false(options_flag(options, OPT_JSON));
    assert_int_equal(options_argument_count(options), 3);
    assert_string_equal(options_argument(options, 1), "-");
    assert_string_equal(options_argument(options, 2), "--json");
    assert_int_equal(options_number(options, OPT_CLOCK_SKEW), 180);
    options_free(options);
}

/* Each wrong command line, and what its one line of explanation must hold. */
static void
test_refusals_say_what_is_accepted(void **state)
{
    static const struct {
        const char *arguments[3];
        const char *says[3];
    } rows[] = {
        { { "--acs-ulr", "x" }, { "--acs-ulr", "did you mean --acs-url?" } },
        { { "--quite" }, { "did you mean --quiet?" } },
        { { "--nothing-like-it" }, { "unknown option --nothing-like-it", "samltap inspect --help" } },
        { { "-x" }, { "unknown option -x" } },
        { { "--listen-port", "80" }, { "--listen-port is not an option of 'samltap inspect'" } },
        { { "--clock-skew", "abc" }, { "--clock-skew", "'abc'", "a number from 0 to 3600" } },
        { { "--clock-skew=-1" }, { "'-1'", "a number from 0" } },
        { { "--clock-skew=99999999999999999999" }, { "a number from 0" } },
        { { "--acs-url" }, { "--acs-url needs a value", "--acs-url URL" } },
        { { "--acs-url=" }, { "--acs-url", "not empty" } },
        { { "--now", "yesterday" }, { "--now", "'yesterday'", "2026-01-31T12:00:00Z" } },
        { { "--profile=aws" }, { "aws-iam, aws-identity-center or generic" } },
        { { "--set", "audience-mismatch" }, { "--set", "ID=error" } },
        { { "--set", "=error" }, { "ID=error" } },
        { { "--json=perhaps" }, { "yes or no" } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct options *options = options_new();
        char *why = NULL;
        int count = 0;

        while (count < 3 && rows[i].arguments[count] != NULL)
            count++;
        assert_false(options_parse(options, COMMAND_INSPECT, "inspect", count, rows[i].arguments, &why));
        for (int j = 0; j < 3 && rows[i].says[j] != NULL; j++)
            if (strstr(why, rows[i].says[j]) == NULL)
                fail_msg("'%s' lacks '%s'", why, rows[i].says[j]);
        assert_null(strchr(why, '\n'));
        free(why);
        options_free(options);
    }
}

static void
test_command_line_over_environment_over_file(void **state)
{
    struct options *options = options_new();
    char *why = NULL;
    const char *environment[] = { "SAMLTAP_ACS_URL=https://env.test/", "SAMLTAP_IDP_CERT=one.pem\ntwo.pem", "OTHER=1",
                                  "SAMLTAP_CLOCK_SKEW=7", NULL };
    struct str file = STR("# comment\n\nacs-url https://file.test/\r\n  clock-skew\t9\nsp-entity-id  urn:a b \n"
                          "want-response-signed\nno-second-opinion no\nset a=info\nset b=error");

    (void)state;
    assert_true(PARSE(options, &why, "--acs-url", "https://line.test/"));
    assert_true(options_read_environment(options, environment, &why));
    assert_true(options_read_config(options, file, "config", &why));
    assert_string_equal(options_text(options, OPT_ACS_URL), "https://line.test/");
    assert_int_equal(options_number(options, OPT_CLOCK_SKEW), 7);
    assert_string_equal(options_place(options, OPT_CLOCK_SKEW), "SAMLTAP_CLOCK_SKEW");
    assert_string_equal(options_text(options, OPT_SP_ENTITY_ID), "urn:a b");
    assert_string_equal(options_place(options, OPT_SP_ENTITY_ID), "config:5");
    assert_true(options_flag(options, OPT_WANT_RESPONSE_SIGNED));
    assert_false(options_flag(options, OPT_NO_SECOND_OPINION));
    assert_int_equal(options_list_count(options, OPT_IDP_CERT), 2);
    assert_string_equal(options_list_at(options, OPT_IDP_CERT, 1), "two.pem");
    assert_int_equal(options_list_count(options, OPT_SET), 2);
    options_free(options);
}

/* A list of a higher origin replaces the whole lower one, in whatever order they are read. */
static void
test_lists_replace_each_other(void **state)
{
    struct options *options = options_new();
    char *why = NULL;

    (void)state;
    assert_true(options_read_config(options, STR("metadata file.xml\nmetadata more.xml"), "config", &why));
    assert_true(PARSE(options, &why, "--metadata", "a.xml", "--metadata=b.xml"));
    assert_int_equal(options_list_count(options, OPT_METADATA), 2);
    assert_string_equal(options_list_at(options, OPT_METADATA, 0), "a.xml");
    options_free(options);
}

static void
test_config_errors_name_the_line(void **state)
{
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        { "\nacs-ulr x", "config:2: unknown option 'acs-ulr'; did you mean 'acs-url'?" },
        { "clock-skew no", "config:1: 'no' is not accepted" },
        { "acs-url", "config:1: '' is not accepted" },
        { "connect-to b\xc3\xbc"
          "cher.test:443:127.0.0.1:1",
          "xn--" },
        { "resolve b\xc3\xbc"
          "cher.test:443:127.0.0.1",
          "xn--" },
        { "version", "config:1: 'version' can only be given on the command line" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct options *options = options_new();
        char *why = NULL;

        assert_false(options_read_config(options, str_from(rows[i].text), "config", &why));
        if (strstr(why, rows[i].says) == NULL)
            fail_msg("'%s' lacks '%s'", why, rows[i].says);
        free(why);
        why = NULL;
        assert_false(options_read_config(options, STR("a\0b"), "config", &why));
        assert_non_null(strstr(why, "no text file"));
        free(why);
        options_free(options);
    }
}

static void
test_connect_to_fields(void **state)
{
    struct str host, port, to_host, to_port;

    (void)state;
    assert_true(option_connect_to_split(STR("sp.test:443:127.0.0.1:8443"), &host, &port, &to_host, &to_port));
    assert_true(str_eq_c(host, "sp.test") && str_eq_c(port, "443") && str_eq_c(to_host, "127.0.0.1") &&
                str_eq_c(to_port, "8443"));
    assert_true(option_connect_to_split(STR("[2001:db8::1]:443:[::1]:"), &host, &port, &to_host, &to_port));
    assert_true(str_eq_c(host, "2001:db8::1") && str_eq_c(to_host, "::1") && to_port.len == 0);
    assert_true(option_connect_to_split(STR(":::"), &host, &port, &to_host, &to_port));
    assert_false(option_connect_to_split(STR("sp.test:443:127.0.0.1"), &host, &port, &to_host, &to_port));
    assert_false(option_connect_to_split(STR("a:70000:b:1"), &host, &port, &to_host, &to_port));
    assert_false(option_connect_to_split(STR("[::1:443:b:1"), &host, &port, &to_host, &to_port));
    assert_false(option_connect_to_split(STR("a:1:b:0"), &host, &port, &to_host, &to_port));
}

/* What --print-config writes is a config file that gives the same values. */
static void
test_printed_config_can_be_read_again(void **state)
{
    struct options *options = options_new(), *again = options_new();
    struct buf text;
    char *why = NULL;

    (void)state;
    buf_init(&text, 65536);
    assert_true(PARSE(options, &why, "--acs-url", "https://sp.test/", "--set", "a=info", "--set", "b=error", "--json"));
    help_config(&text, options, COMMAND_INSPECT);
    assert_true(options_read_config(again, buf_str(&text), "printed", &why));
    assert_string_equal(options_text(again, OPT_ACS_URL), "https://sp.test/");
    assert_int_equal(options_list_count(again, OPT_SET), 2);
    assert_true(options_flag(again, OPT_JSON));
    assert_int_equal(options_number(again, OPT_CLOCK_SKEW), 180);
    assert_null(options_text(again, OPT_SP_ENTITY_ID));
    buf_release(&text);
    options_free(options);
    options_free(again);
}

/* A row without name or help would show as an empty line. */
static void
test_every_row_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option_row *row = option_row(i);

        assert_non_null(row->name);
        assert_non_null(row->help);
        assert_true(row->commands != 0);
        assert_true((row->type == OPTION_FLAG) == (row->argument == NULL));
        assert_true((row->type == OPTION_CHOICE) == (row->choices != NULL));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(row->name, option_row(j)->name);
    }
}

static void
test_edit_distance(void **state)
{
    char longest[100];

    (void)state;
    assert_int_equal(edit_distance("", "abc"), 3);
    assert_int_equal(edit_distance("acs-ulr", "acs-url"), 1);
    assert_int_equal(edit_distance("kitten", "sitting"), 3);
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_true(edit_distance(longest, "a") == SIZE_MAX);
}

static void
test_resolve_is_as_curl_has_it(void **state)
{
    static const struct {
        const char *value, *host, *port, *address;
    } rows[] = {
        { "sp.example.com:443:192.0.2.7", "sp.example.com", "443", "192.0.2.7" },
        { "sp.example.com:*:[2001:db8::7]", "sp.example.com", "", "2001:db8::7" },
        { "sp.example.com::2001:db8::7", "sp.example.com", "", "2001:db8::7" },
        { "sp.example.com:443:other.example.com", NULL, NULL, NULL },
        { "sp.example.com:443:192.0.2.7,192.0.2.8", NULL, NULL, NULL },
        { "sp.example.com:443:", NULL, NULL, NULL },
        { "sp.example.com:70000:192.0.2.7", NULL, NULL, NULL },
        { ":443:192.0.2.7", NULL, NULL, NULL },
        { "192.0.2.7", NULL, NULL, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct str host, port, address;
        bool fine = option_resolve_split(str_from(rows[i].value), &host, &port, &address);

        if (fine != (rows[i].host != NULL))
            fail_msg("%s", rows[i].value);
        if (fine &&
            (!str_eq_c(host, rows[i].host) || !str_eq_c(port, rows[i].port) || !str_eq_c(address, rows[i].address)))
            fail_msg("%s: %.*s %.*s %.*s", rows[i].value, STR_ARG(host), STR_ARG(port), STR_ARG(address));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_forms_and_arguments),
        cmocka_unit_test(test_resolve_is_as_curl_has_it),
        cmocka_unit_test(test_refusals_say_what_is_accepted),
        cmocka_unit_test(test_command_line_over_environment_over_file),
        cmocka_unit_test(test_lists_replace_each_other),
        cmocka_unit_test(test_config_errors_name_the_line),
        cmocka_unit_test(test_connect_to_fields),
        cmocka_unit_test(test_printed_config_can_be_read_again),
        cmocka_unit_test(test_every_row_is_complete),
        cmocka_unit_test(test_edit_distance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ca.h"
#include "check.h"
#include "exit_code.h"
#include "file.h"
#include "jwk.h"
#include "saml.h"
#include "settings.h"
#include "stopwatch.h"

#define HEAD                                                                                                           \
    "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://party.example.com/\">"
#define PROTOCOL "protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\""
#define IDP                                                                                                            \
    HEAD "<md:IDPSSODescriptor " PROTOCOL "><md:SingleSignOnService "                                                  \
         "Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://party.example.com/sso\"/>"     \
         "</md:IDPSSODescriptor></md:EntityDescriptor>"
#define SP                                                                                                             \
    HEAD "<md:SPSSODescriptor " PROTOCOL "><md:AssertionConsumerService index=\"0\" "                                  \
         "Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"https://party.example.com/acs\"/>"     \
         "</md:SPSSODescriptor></md:EntityDescriptor>"

static char directory[] = "/tmp/samltap-settings-test-XXXXXX";

static char *
write_file(const char *name, struct str content)
{
    static char path[200];
    char *why = NULL;

    snprintf(path, sizeof(path), "%s/%s", directory, name);
    unlink(path);
    assert_true(file_create(path, 0600, content, &why));
    return path;
}

static int
set_up(void **state)
{
    const char *why = NULL;

    (void)state;
    return mkdtemp(directory) == NULL || !saml_library_init(&why);
}

static int
tear_down(void **state)
{
    size_t count = 0;
    char *why = NULL, **paths = file_list_directory(directory, &count, &why);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        unlink(paths[i]);
        free(paths[i]);
    }
    free(paths);
    saml_library_cleanup();
    return rmdir(directory);
}

static struct settings *
make(enum option_id id, const char *value, char **why, int *code)
{
    struct options *options = options_new();
    struct settings *settings;

    assert_true(options_set(options, id, value, why));
    settings = settings_new(options, why, code);
    options_free(options);
    return settings;
}

static void
expect_refusal(enum option_id id, const char *value, int expected_code, const char *says)
{
    char *why = NULL;
    int code = 0;

    assert_null(make(id, value, &why, &code));
    if (strstr(why, says) == NULL)
        fail_msg("'%s' lacks '%s'", why, says);
    assert_null(strchr(why, '\n'));
    assert_int_equal(code, expected_code);
    free(why);
}

static void
test_defaults_and_plain_values(void **state)
{
    struct options *options = options_new();
    struct settings *settings;
    char *why = NULL;
    int code = 9;
    int64_t before = (int64_t)time(NULL) * 1000;

    (void)state;
    assert_true(options_set(options, OPT_ACS_URL, "https://sp.example.com/acs", &why));
    assert_true(options_set(options, OPT_NOW, "2026-01-31T12:00:00Z", &why));
    assert_true(options_set(options, OPT_WANT_ASSERTIONS_SIGNED, "yes", &why));
    settings = settings_new(options, &why, &code);
    options_free(options);
    assert_non_null(settings);
    assert_int_equal(code, 0);
    assert_true(str_eq_c(settings->acs_url, "https://sp.example.com/acs"));
    assert_true(settings->has_now && settings->now_ms == 1769860800000);
    assert_int_equal(settings->clock_skew_s, 180);
    assert_true(settings->want_assertions_signed && !settings->want_response_signed && settings->second_opinion);
    assert_false(str_present(settings->idp_entity_id));
    /* What carries no time of its own is judged by this machine's clock. */
    assert_true(settings->fallback_now_ms >= before && settings->fallback_now_ms <= (int64_t)time(NULL) * 1000);
    settings_free(settings);
}

static void
test_metadata_by_content_and_by_role(void **state)
{
    struct settings *settings;
    char *why = NULL;
    int code;

    (void)state;
    settings = make(OPT_METADATA, write_file("sp.xml", STR(SP)), &why, &code);
    assert_non_null(settings);
    assert_int_equal(settings->metadata_count, 1);
    assert_true(settings->metadata[0]->entities[0].sp.present);
    settings_free(settings);
    expect_refusal(OPT_IDP_METADATA, write_file("sp.xml", STR(SP)), 3, "give it as --sp-metadata");
    expect_refusal(OPT_SP_METADATA, write_file("idp.xml", STR(IDP)), 3, "give it as --idp-metadata");
    settings = make(OPT_METADATA, directory, &why, &code);
    assert_non_null(settings);
    assert_int_equal(settings->metadata_count, 2);
    settings_free(settings);
}

static void
test_broken_files_are_named_with_their_line(void **state)
{
    (void)state;
    expect_refusal(OPT_METADATA, write_file("broken.xml", STR("<md:EntityDescriptor\n entityID='x'>\n</md:Other>")), 3,
                   "broken.xml:");
    expect_refusal(OPT_METADATA, write_file("broken.xml", STR(HEAD "\n</md:Other>")), 3, "broken.xml:2:");
    expect_refusal(OPT_METADATA, write_file("broken.xml", STR("no XML")), 3, "download the metadata again");
    expect_refusal(OPT_METADATA, write_file("broken.xml", STR("")), 3, "broken.xml: is empty");
    expect_refusal(OPT_METADATA, "/nonexistent/idp.xml", 3, "/nonexistent/idp.xml: cannot be read: No such file");
    expect_refusal(OPT_IDP_METADATA, "https://idp.example.com/metadata", 3, "curl -o");
    expect_refusal(OPT_IDP_CERT, write_file("bad.pem", STR("-----BEGIN CERTIFICATE-----\nAAAA\n")), 3, "bad.pem: ");
    expect_refusal(OPT_DECRYPT_KEY, write_file("bad.pem", STR("-----BEGIN PRIVATE KEY-----\nAAAA\n")), 3, "bad.pem: ");
}

static void
test_certificates_become_trusted_keys(void **state)
{
    struct ca_options ca_options = { .name = "test", .days = 1, .now_s = 1790000000 };
    const char *reason = NULL;
    struct ca *ca = ca_create(&ca_options, &reason);
    struct settings *settings;
    char *why = NULL;
    struct buf pem, key;
    int code;

    (void)state;
    buf_init(&pem, 1 << 16);
    buf_init(&key, 1 << 16);
    assert_non_null(ca);
    assert_true(ca_certificate_pem(ca, &pem) && ca_key_pem(ca, &key));
    settings = make(OPT_IDP_CERT, write_file("cert.pem", buf_str(&pem)), &why, &code);
    assert_non_null(settings);
    assert_int_equal(key_set_trusted_count(settings->keys), 1);
    settings_free(settings);
    settings = make(OPT_DECRYPT_KEY, write_file("key.pem", buf_str(&key)), &why, &code);
    assert_non_null(settings);
    assert_int_equal(key_set_decryption_count(settings->keys), 1);
    settings_free(settings);
    buf_release(&pem);
    buf_release(&key);
    ca_free(ca);
}

static void
test_keys_of_an_openid_provider(void **state)
{
    static const char keys[] = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"a\","
                               "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}]}";
    struct settings *settings;
    char *why = NULL;
    int code;

    (void)state;
    settings = make(OPT_JWKS, write_file("jwks.json", str_from(keys)), &why, &code);
    assert_non_null(settings);
    assert_int_equal(jwk_set_count(settings->jwks), 1);
    settings_free(settings);
    expect_refusal(OPT_JWKS, write_file("jwks.json", STR("{}")), 3, "holds no key");
    expect_refusal(OPT_JWKS, write_file("jwks.json", STR("{\"kty\":\"oct\",\"k\":\"AA\"}")), 3, "no key can be used");
    unlink(write_file("jwks.json", STR(""))); /* other tests read the whole directory */
}

static void
test_severities_are_checked_against_the_checks(void **state)
{
    struct settings *settings;
    char *why = NULL;
    int code;

    (void)state;
    settings = make(OPT_SET, "sig-sha1=info", &why, &code);
    if (settings == NULL)
        fail_msg("%s", why);
    assert_int_equal(settings->override_count, 1);
    /* The search for causes is timed, by a clock that goes on. */
    assert_non_null(settings->stopwatch);
    assert_true(settings->stopwatch->now_us(settings->stopwatch->data) > 0);
    settings_free(settings);
    expect_refusal(OPT_SET, "sig-wrong-kee=info", 2, "did you mean sig-wrong-key");
    expect_refusal(OPT_SET, "sig-wrapping-suspect=info", 2, "cannot be lowered");
}

/* The last word counts, also when it takes back what was raised before. */
static void
test_the_last_severity_counts(void **state)
{
    static const char *const words[] = { "sig-wrapping-suspect=error", "time-expired=info", "time-expired=warning" };
    struct options *options = options_new();
    struct settings *settings;
    char *why = NULL;
    int code = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(words); i++)
        assert_true(options_set(options, OPT_SET, words[i], &why));
    settings = settings_new(options, &why, &code);
    assert_non_null(settings);
    assert_int_equal(settings->override_count, 2);
    assert_true(str_eq_c(settings->overrides[1].id, "time-expired"));
    assert_int_equal(settings->overrides[1].severity, SEVERITY_WARNING);
    settings_free(settings);
    options_free(options);
}

/* Whatever is a security finding stays what it is, check by check. */
static void
test_no_security_finding_can_be_lowered(void **state)
{
    size_t refused = 0;

    (void)state;
    for (size_t i = 0; i < check_set_count(); i++)
        for (size_t k = 0; k < check_set_at(i)->count; k++) {
            const struct check *check = &check_set_at(i)->rows[k];
            char setting[200];

            if (!check->fixed || check->severity == SEVERITY_INFO)
                continue;
            snprintf(setting, sizeof(setting), "%s=info", check->id);
            expect_refusal(OPT_SET, setting, EXIT_USAGE, "is a security finding; it cannot be lowered to info");
            refused++;
        }
    assert_true(refused > 10);
}

static void
test_packs(void **state)
{
    struct settings *settings;
    struct options *options = options_new();
    char *why = NULL;
    int code;

    (void)state;
    settings = make(OPT_PACK, "advice", &why, &code);
    assert_non_null(settings);
    assert_int_equal(settings->packs, 1u << PACK_ADVICE);
    assert_int_equal(settings->strict_packs, 0);
    settings_free(settings);
    settings = make(OPT_STRICT, "saml2int", &why, &code);
    assert_non_null(settings);
    assert_int_equal(settings->packs, 1u << PACK_SAML2INT);
    assert_int_equal(settings->strict_packs, 1u << PACK_SAML2INT);
    settings_free(settings);
    assert_false(options_set(options, OPT_PACK, "saml2-int", &why));
    assert_non_null(strstr(why, "saml2int"));
    free(why);
    why = NULL;
    assert_false(options_set(options, OPT_STRICT, "advice", &why));
    assert_non_null(strstr(why, "saml2int"));
    free(why);
    options_free(options);
}

/* The names in the option table are those of the packs. */
static void
test_every_pack_can_be_named(void **state)
{
    (void)state;
    for (int pack = PACK_STANDARD + 1; pack < PACK_COUNT; pack++) {
        const char *name = check_pack_name((enum check_pack)pack);

        assert_non_null(strstr(option_row(OPT_PACK)->choices, name));
        assert_int_equal(check_pack_by_name(str_from(name)), pack);
    }
    assert_int_equal(check_pack_by_name(STR("none")), PACK_COUNT);
}

/* --evidence writes, --evidence-dir reads: the message names the other one. */
static void
the_two_evidence_options_are_told_apart(void **state)
{
    char path[300];

    (void)state;
    snprintf(path, sizeof(path), "%s/evidence", directory);
    expect_refusal(OPT_EVIDENCE_DIR, path, EXIT_UNREADABLE, "use --evidence /");
    assert_int_equal(mkdir(path, 0700), 0);
    expect_refusal(OPT_EVIDENCE_DIR, path, EXIT_UNREADABLE, "no file in it ends in .json");
    write_file("evidence/message-1-signature-1-check.sh", STR("#!/bin/sh\n"));
    expect_refusal(OPT_EVIDENCE_DIR, path, EXIT_UNREADABLE, "it holds what --evidence wrote");
    unlink(write_file("evidence/message-1-signature-1-check.sh", STR("#!/bin/sh\n")));
    assert_int_equal(rmdir(path), 0);
}

static void
evidence_is_told_apart_by_content(void **state)
{
    char *why = NULL, inside[200];
    int code = 0;
    struct settings *settings;

    (void)state;
    snprintf(inside, sizeof(inside), "%s", write_file("users.json", STR("{\"Users\":[{\"UserName\":\"jdoe\"}]}")));
    write_file("roles.json", STR("{\"Roles\":[{\"Arn\":\"arn:aws:iam::111122223333:role/Dev\"}]}"));
    settings = make(OPT_EVIDENCE_DIR, directory, &why, &code);
    assert_non_null(settings);
    assert_int_equal(settings->evidence->user_count, 1);
    assert_int_equal(settings->evidence->role_count, 1);
    settings_free(settings);
    settings = make(OPT_IDC_USERS, inside, &why, &code);
    assert_int_equal(settings->evidence->role_count, 0);
    settings_free(settings);
    expect_refusal(OPT_IDC_GROUPS, inside, 3, "give it as --idc-users");
    unlink(inside);
}

static void
metadata_of_an_iam_provider_is_trusted(void **state)
{
    char *why = NULL;
    int code = 0;
    struct settings *settings;
    const char *path;

    (void)state;
    path =
        write_file("provider.json",
                   STR("{\"SAMLMetadataDocument\":\"<md:EntityDescriptor xmlns:md='urn:oasis:names:tc:SAML:"
                       "2.0:metadata' entityID='https://idp.example.com/'><md:IDPSSODescriptor "
                       "protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'/></md:EntityDescriptor>\"}"));
    settings = make(OPT_IAM_SAML_PROVIDER, path, &why, &code);
    assert_non_null(settings);
    assert_int_equal(settings->metadata_count, 1);
    assert_true(str_eq_c(settings->metadata[0]->entities[0].entity_id, "https://idp.example.com/"));
    settings_free(settings);
    expect_refusal(OPT_IAM_SAML_PROVIDER, write_file("bad.json", STR("{\"SAMLMetadataDocument\":\"<oops\"}")), 3,
                   "its SAMLMetadataDocument");
}

/* Input without a time of its own is judged by this machine's clock, or by --now. */
static void
clock_is_this_machines(void **state)
{
    char *why = NULL;
    int code = 0;
    int64_t before = (int64_t)time(NULL) * 1000;
    struct settings *settings = make(OPT_NOW, "2026-01-01T00:00:00Z", &why, &code);

    (void)state;
    assert_non_null(settings);
    assert_true(settings->has_now);
    assert_int_equal(settings->now_ms, 1767225600000);
    assert_true(settings->fallback_now_ms >= before && settings->fallback_now_ms <= (int64_t)time(NULL) * 1000);
    settings_free(settings);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_is_this_machines),
        cmocka_unit_test(test_defaults_and_plain_values),
        cmocka_unit_test(test_metadata_by_content_and_by_role),
        cmocka_unit_test(test_broken_files_are_named_with_their_line),
        cmocka_unit_test(test_certificates_become_trusted_keys),
        cmocka_unit_test(test_keys_of_an_openid_provider),
        cmocka_unit_test(test_severities_are_checked_against_the_checks),
        cmocka_unit_test(test_no_security_finding_can_be_lowered),
        cmocka_unit_test(test_the_last_severity_counts),
        cmocka_unit_test(test_packs),
        cmocka_unit_test(test_every_pack_can_be_named),
        cmocka_unit_test(the_two_evidence_options_are_told_apart),
        cmocka_unit_test(evidence_is_told_apart_by_content),
        cmocka_unit_test(metadata_of_an_iam_provider_is_trusted),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

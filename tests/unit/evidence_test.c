/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "evidence.h"
#include "examination.h"
#include "saml_maker.h"

/* What the written commands print: they are run, with the tools that they name. */

#define TEMPLATE                                                                                                       \
    "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "                                            \
    "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r\" Version=\"2.0\" "                                  \
    "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer>https://idp.example.com</saml:Issuer>"                         \
    "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"            \
    "<saml:Assertion ID=\"_a\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\">"                                 \
    "<saml:Issuer>https://idp.example.com</saml:Issuer><?sign key=\"%s\" method=\"%s\"?>"                              \
    "<saml:Subject><saml:NameID>jdoe@example.com</saml:NameID></saml:Subject></saml:Assertion></samlp:Response>"

static char parent[] = "/tmp/samltap-evidence-test-XXXXXX";
static char directory[100];

static void
empty_directory(void)
{
    DIR *list = opendir(directory);
    const struct dirent *entry;

    while (list != NULL && (entry = readdir(list)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(list), entry->d_name, 0);
    if (list != NULL)
        closedir(list);
    rmdir(directory);
}

static int
set_up(void **state)
{
    const char *why;

    (void)state;
    if (mkdtemp(parent) == NULL || !saml_library_init(&why))
        return -1;
    snprintf(directory, sizeof(directory), "%s/new", parent);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    empty_directory();
    rmdir(parent);
    saml_maker_release();
    saml_library_cleanup();
    return 0;
}

static int
after_each(void **state)
{
    (void)state;
    empty_directory();
    return 0;
}

static void
examine_and_write(const char *key, struct str input)
{
    struct settings settings = { .clock_skew_s = 180, .second_opinion = true, .keep_canonical = true };
    struct evidence *evidence;
    struct report **reports;
    struct str said = { 0 };
    struct arena *keep;
    const char *reason;
    char *problem = NULL;
    size_t count;

    settings.arena = arena_new(1 << 20);
    settings.keys = key_set_new();
    assert_int_equal(key_set_add_trusted(settings.keys, str_from(saml_maker_certificate_pem(key)), STR("idp.pem"),
                                         (struct str){ 0 }, &reason),
                     1);
    reports = examine_input(&settings, NULL, input, STR("test"), &count, &keep, &said);
    assert_int_equal(count, 1);
    evidence = evidence_new(directory, &problem);
    if (evidence == NULL)
        fail_msg("%s", problem);
    if (!evidence_write(evidence, reports[0], &problem))
        fail_msg("%s", problem);
    evidence_free(evidence);
    report_release(reports[0]);
    free(reports);
    arena_free(keep);
    key_set_free(settings.keys);
    arena_free(settings.arena);
}

/* Signs, replaces from by to (NULL: nothing), examines and writes the evidence. */
static void
write_for(const char *key, const char *method, const char *from, const char *to)
{
    char template[2000], why[200];
    struct buf xml;

    snprintf(template, sizeof(template), TEMPLATE, key, method);
    buf_init(&xml, 1 << 20);
    if (!saml_maker_fill(str_from(template), &xml, why, sizeof(why)))
        fail_msg("%s", why);
    if (from != NULL) {
        char *at = strstr(xml.bytes, from);

        assert_non_null(at);
        assert_int_equal(strlen(from), strlen(to));
        memcpy(at, to, strlen(to));
    }
    examine_and_write(key, buf_str(&xml));
    buf_release(&xml);
}

/* Runs a script from another directory; gives what it printed. */
static const char *
run_named(const char *name)
{
    static char output[16384];
    char command[300];
    size_t len;
    FILE *pipe;

    snprintf(command, sizeof(command), "cd / && sh %s/message-1-%s-check.sh 2>&1", directory, name);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    len = fread(output, 1, sizeof(output) - 1, pipe);
    output[len] = '\0';
    pclose(pipe);
    return output;
}

static const char *
run_script(void)
{
    return run_named("signature-1");
}

static void
expect_line(const char *output, const char *line)
{
    size_t len = strlen(line);

    for (const char *at = output; (at = strstr(at, line)) != NULL; at++)
        if (at[len] == '\n' && (at == output || at[-1] == '\n'))
            return;
    fail_msg("no line '%s' in:\n%s", line, output);
}

/* The two lines behind the headline are the same. */
static bool
digests_agree(const char *output)
{
    const char *computed = strchr(output, '\n') + 1, *stated = strchr(computed, '\n') + 1;
    size_t len = (size_t)(stated - computed);

    assert_true(len > 20);
    return strncmp(computed, stated, len) == 0;
}

static void
the_commands_verify_a_good_signature(void **state)
{
    static const struct {
        const char *key, *method, *says;
    } rows[] = {
        { "idp", "rsa-sha256", "Verified OK" },
        { "idp", "rsa-sha512", "Verified OK" },
        { "idp", "rsa-pss-sha256", "Verified OK" },
        { "ec", "ecdsa-sha256", "Verified OK" },
        { "ed25519", "ed25519", "Signature Verified Successfully" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *output;

        write_for(rows[i].key, rows[i].method, NULL, NULL);
        output = run_script();
        if (strstr(output, rows[i].says) == NULL)
            fail_msg("%s: %s", rows[i].method, output);
        assert_true(digests_agree(output));
        /* xmlsec 1.2 knows neither RSA-PSS nor EdDSA. */
        if (strcmp(rows[i].method, "rsa-sha256") == 0 || strcmp(rows[i].key, "ec") == 0)
            expect_line(output, "OK");
        empty_directory();
    }
}

static void
the_commands_show_what_was_changed(void **state)
{
    const char *output;

    (void)state;
    write_for("idp", "rsa-sha256", "jdoe@example.com", "root@example.com");
    output = run_script();
    assert_false(digests_agree(output));
    expect_line(output, "Verified OK");
    assert_non_null(strstr(output, "\nFAIL\n"));
}

/* The octets of a query are written as they were signed, not as they can be rebuilt. */
static void
the_commands_verify_a_signed_query(void **state)
{
    static const char *const says[] = { "Verified OK", "Verification failure" };
    struct str xml = STR("<samlp:LogoutRequest xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_l\" "
                         "Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\"/>");

    (void)state;
    for (size_t changed = 0; changed < COUNT_OF(says); changed++) {
        const char *output;
        struct buf url;

        buf_init(&url, 1 << 16);
        buf_add_c(&url, "https://sp.example.com/slo?");
        saml_maker_query("SAMLRequest", xml, STR("a b"), "idp", "rsa-sha256", &url);
        if (changed)
            strstr(url.bytes, "RelayState=a")[strlen("RelayState=")] = 'b';
        examine_and_write("idp", buf_str(&url));
        output = run_named("query");
        if (strstr(output, says[changed]) == NULL)
            fail_msg("%s", output);
        buf_release(&url);
        empty_directory();
    }
}

/* Runs the script of the first encrypted part with a private key of the maker. */
static const char *
run_decryption(const char *key)
{
    static char output[16384];
    char path[300], command[800];
    size_t len;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s.pem", parent, key);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(saml_maker_private_pem(key), file);
    fclose(file);
    snprintf(command, sizeof(command), "cd / && KEY=%s sh %s/message-1-encrypted-1-check.sh 2>&1", path, directory);
    file = popen(command, "r");
    assert_non_null(file);
    len = fread(output, 1, sizeof(output) - 1, file);
    output[len] = '\0';
    pclose(file);
    unlink(path);
    return output;
}

static void
write_encrypted(const char *words)
{
    char template[3000], why[200];
    struct buf xml;

    snprintf(template, sizeof(template),
             "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
             "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r\" Version=\"2.0\" "
             "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Assertion ID=\"_a\" Version=\"2.0\" "
             "IssueInstant=\"2026-01-01T00:00:00Z\"><?encrypt to=\"sp\" %s?><saml:Issuer>i</saml:Issuer>"
             "</saml:Assertion></samlp:Response>",
             words);
    buf_init(&xml, 1 << 20);
    if (!saml_maker_fill(str_from(template), &xml, why, sizeof(why)))
        fail_msg("%s", why);
    examine_and_write("idp", buf_str(&xml));
    buf_release(&xml);
}

/* Both tools say of the right key and of a wrong one what samltap says; the key stays with its owner. */
static void
the_commands_open_what_was_encrypted(void **state)
{
    static const struct {
        const char *words, *bytes;
    } rows[] = {
        { "data=\"aes128-cbc\" transport=\"rsa-oaep\"", "16" },
        { "data=\"aes256-gcm\" transport=\"rsa-oaep\"", "32" },
        { "data=\"aes256-cbc\" transport=\"rsa-1_5\"", "32" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *output;

        write_encrypted(rows[i].words);
        output = run_decryption("sp");
        expect_line(output, rows[i].bytes);
        expect_line(output, "opened");
        output = run_decryption("other");
        expect_line(output, "not opened");
        if (strstr(rows[i].words, "oaep") != NULL)
            expect_line(output, "0");
        empty_directory();
    }
}

static void
files_are_for_the_user_alone(void **state)
{
    struct stat status;
    char path[300];

    (void)state;
    write_for("idp", "rsa-sha256", NULL, NULL);
    assert_int_equal(stat(directory, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0700);
    snprintf(path, sizeof(path), "%s/message-1-signature-1-signedinfo.xml", directory);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
}

static void
a_directory_with_files_is_refused(void **state)
{
    char *why = NULL;

    (void)state;
    write_for("idp", "rsa-sha256", NULL, NULL);
    assert_null(evidence_new(directory, &why));
    assert_non_null(strstr(why, "is not empty"));
    assert_null(strstr(why, "--evidence-dir"));
    free(why);
}

/* Two options are easily taken for one another: this one writes. */
static void
a_directory_of_lists_is_meant_for_the_other_option(void **state)
{
    char path[300], *why = NULL;

    (void)state;
    assert_int_equal(mkdir(directory, 0700), 0);
    snprintf(path, sizeof(path), "%s/users.json", directory);
    fclose(fopen(path, "w"));
    assert_null(evidence_new(directory, &why));
    assert_non_null(strstr(why, "--evidence-dir is the option that reads lists"));
    free(why);
}

/* Text of the message never becomes part of the commands. */
static void
the_message_writes_no_commands(void **state)
{
    char path[300], script[8192] = "";
    FILE *file;

    (void)state;
    write_for("idp", "rsa-sha256", " ID=\"_a\"", " ID='$`'");
    snprintf(path, sizeof(path), "%s/message-1-signature-1-check.sh", directory);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(script, 1, sizeof(script) - 1, file) > 0);
    fclose(file);
    assert_null(strchr(script, '`'));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_commands_verify_a_good_signature, after_each),
        cmocka_unit_test_teardown(the_commands_show_what_was_changed, after_each),
        cmocka_unit_test_teardown(the_commands_open_what_was_encrypted, after_each),
        cmocka_unit_test_teardown(files_are_for_the_user_alone, after_each),
        cmocka_unit_test_teardown(a_directory_with_files_is_refused, after_each),
        cmocka_unit_test_teardown(the_commands_verify_a_signed_query, after_each),
        cmocka_unit_test_teardown(a_directory_of_lists_is_meant_for_the_other_option, after_each),
        cmocka_unit_test_teardown(the_message_writes_no_commands, after_each),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

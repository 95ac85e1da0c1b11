/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "file.h"
#include "intake.h"
#include "journal.h"
#include "log.h"
#include "pipe.h"
#include "saml.h"
#include "settings.h"

struct fixture {
    char directory[64], journal[100], json_log[100];
    struct settings *settings;
    int relay; /* our end of the pipe */
    int desk;
    uint64_t acknowledged[8];
    size_t acknowledged_count;
    bool ready;
    bool as_text;    /* text instead of JSON lines on standard output */
    off_t printed;   /* bytes on standard output */
    size_t verdicts; /* told */
};

static int
set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct options *options = options_new();
    char *why = NULL;
    int ends[2], code;

    if (fixture == NULL || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return 1;
    strcpy(fixture->directory, "/tmp/samltap-intake-test-XXXXXX");
    if (mkdtemp(fixture->directory) == NULL)
        return 1;
    snprintf(fixture->journal, sizeof(fixture->journal), "%s/exchanges.log", fixture->directory);
    snprintf(fixture->json_log, sizeof(fixture->json_log), "%s/signins.json", fixture->directory);
    fixture->settings = settings_new(options, &why, &code);
    fixture->relay = ends[0];
    fixture->desk = ends[1];
    options_free(options);
    *state = fixture;
    return fixture->settings == NULL;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;

    settings_free(fixture->settings);
    close(fixture->relay);
    unlink(fixture->journal);
    unlink(fixture->json_log);
    rmdir(fixture->directory);
    free(fixture);
    return 0;
}

static void
send_frame(struct fixture *fixture, enum pipe_type type, struct str payload)
{
    struct buf frame;

    buf_init(&frame, 1 << 20);
    pipe_write(&frame, type, payload);
    assert_true(file_write_all(fixture->relay, buf_str(&frame)));
    buf_release(&frame);
}

static void
send_exchange(struct fixture *fixture, const struct exchange *exchange)
{
    struct buf payload;

    buf_init(&payload, 1 << 20);
    buf_add_u64(&payload, exchange->number);
    exchange_write(&payload, exchange);
    send_frame(fixture, PIPE_EXCHANGE, buf_str(&payload));
    buf_release(&payload);
}

/* An AuthnRequest posted to an identity provider, with a password beside it. */
static void
send_signin(struct fixture *fixture, uint64_t number)
{
    struct header type = { STR_INIT("Content-Type"), STR_INIT("application/x-www-form-urlencoded") };
    struct exchange exchange = { .connection = 1,
                                 .number = number,
                                 .started_ms = 1769860800000,
                                 .scheme = STR("https"),
                                 .host = STR("idp.example.com"),
                                 .port = 443,
                                 .method = STR("POST"),
                                 .target = STR("/sso"),
                                 .version = STR("HTTP/1.1"),
                                 .request_headers = { &type, 1 },
                                 .status = 200 };

    exchange.request_body.bytes =
        STR("password=correct-horse&SAMLRequest="
            "PHNhbWxwOkF1dGhuUmVxdWVzdCB4bWxuczpzYW1scD0idXJuOm9hc2lzOm5hbWVzOnRjOlNBTUw6Mi4wOnByb3RvY29sIiBJRD0i"
            "X3ExIiBWZXJzaW9uPSIyLjAiIElzc3VlSW5zdGFudD0iMjAyNi0wMS0zMVQxMjowMDowMFoiIEFzc2VydGlvbkNvbnN1bWVyU2Vy"
            "dmljZVVSTD0iaHR0cHM6Ly9zcC5leGFtcGxlLmNvbS9hY3MiLz4%3D");
    exchange.request_body.size = exchange.request_body.bytes.len;
    send_exchange(fixture, &exchange);
}

static void
read_answers(struct fixture *fixture)
{
    struct buf in;
    enum pipe_type type;
    struct str payload;
    size_t used;
    char bytes[4096];
    ssize_t got;

    buf_init(&in, 1 << 20);
    while ((got = read(fixture->relay, bytes, sizeof(bytes))) > 0)
        buf_add(&in, bytes, (size_t)got);
    while (pipe_next(&in, &type, &payload, &used) == 1) {
        if (type == PIPE_READY)
            fixture->ready = true;
        else if (type == PIPE_ACK && fixture->acknowledged_count < 8)
            assert_true(pipe_cut_number(&payload, &fixture->acknowledged[fixture->acknowledged_count++]));
        else if (type == PIPE_SIGNIN && payload.len == 1)
            fixture->verdicts++;
        buf_consume(&in, used);
    }
    buf_release(&in);
}

/* Of the desk's standard output only the size is kept. */
static int
run_desk(struct fixture *fixture, bool verdict_is_code)
{
    struct intake_options options = { .settings = fixture->settings,
                                      .reporter = fixture->as_text ? &reporter_text : &reporter_json,
                                      .journal_path = fixture->journal,
                                      .json_log_path = fixture->json_log,
                                      .verdict_is_code = verdict_is_code };
    int paper = memfd_create("output", MFD_CLOEXEC), output, code;

    assert_true(paper >= 0);
    fflush(stdout);
    output = dup(STDOUT_FILENO);
    dup2(paper, STDOUT_FILENO);
    code = intake_run(&options, fixture->desk);
    dup2(output, STDOUT_FILENO);
    close(output);
    fixture->printed = lseek(paper, 0, SEEK_END);
    close(paper);
    read_answers(fixture);
    return code;
}

static json_t *
logged_line(struct fixture *fixture)
{
    struct buf text;
    char *why = NULL;
    json_t *value;

    assert_true(file_read(fixture->json_log, 1 << 20, &text, &why));
    value = json_loadb(text.bytes ? text.bytes : "", text.len, JSON_DISABLE_EOF_CHECK, NULL);
    buf_release(&text);
    return value;
}

static size_t
journal_count(struct fixture *fixture, bool *password)
{
    struct buf bytes;
    struct str rest, record;
    char *why = NULL;
    size_t count = 0;

    assert_true(file_read(fixture->journal, 1 << 20, &bytes, &why));
    *password = str_find_c(buf_str(&bytes), "correct-horse") != SIZE_MAX;
    for (rest = buf_str(&bytes); journal_next(&rest, false, &record); count++)
        continue;
    buf_release(&bytes);
    return count;
}

static void
test_an_exchange_is_kept_examined_and_acknowledged(void **state)
{
    struct fixture *fixture = *state;
    bool password = true;
    json_t *line;

    send_signin(fixture, 41);
    send_frame(fixture, PIPE_FINISH, STR(""));
    assert_int_equal(run_desk(fixture, false), 0);
    assert_true(fixture->ready);
    assert_int_equal(fixture->acknowledged_count, 1);
    assert_int_equal(fixture->acknowledged[0], 41);
    assert_int_equal(journal_count(fixture, &password), 1);
    assert_false(password);
    assert_int_equal(fixture->verdicts, 1);
    line = logged_line(fixture);
    assert_string_equal(json_string_value(json_object_get(line, "type")), "signin");
    json_decref(line);
}

/* They cost an acknowledgement and nothing else. */
static void
test_bystanders_are_only_counted(void **state)
{
    struct fixture *fixture = *state;
    bool password;

    send_frame(fixture, PIPE_BYSTANDERS, STR("\0\0\0\0\0\0\0\5\0\0\0\1x\0\0\0\1y"));
    send_frame(fixture, PIPE_FINISH, STR(""));
    assert_int_equal(run_desk(fixture, false), 0);
    assert_int_equal(fixture->acknowledged_count, 1);
    assert_int_equal(fixture->acknowledged[0], 5);
    assert_int_equal(journal_count(fixture, &password), 0);
    assert_null(logged_line(fixture));
}

/* The relay is gone without a word: what it had written is still taken, open sign-ins are finished. */
static void
test_the_end_of_the_pipe_finishes_too(void **state)
{
    struct fixture *fixture = *state;
    bool password;
    json_t *line;

    send_signin(fixture, 1);
    shutdown(fixture->relay, SHUT_WR);
    assert_int_equal(run_desk(fixture, false), 0);
    assert_int_equal(journal_count(fixture, &password), 1);
    line = logged_line(fixture);
    assert_non_null(line);
    json_decref(line);
}

static void
test_a_broken_stream_ends_the_desk(void **state)
{
    struct fixture *fixture = *state;

    assert_true(file_write_all(fixture->relay, STR("\377\377\377\377\1")));
    assert_int_equal(run_desk(fixture, false), 4);
}

static void
test_what_is_no_exchange_is_acknowledged_all_the_same(void **state)
{
    struct fixture *fixture = *state;

    send_frame(fixture, PIPE_EXCHANGE, STR("\0\0\0\0\0\0\0\7garbage"));
    send_frame(fixture, PIPE_QUARANTINE, STR("\0\0\0\0\0\0\0\10it stopped the analysis"));
    send_frame(fixture, PIPE_FINISH, STR(""));
    assert_int_equal(run_desk(fixture, true), 5);
    assert_int_equal(fixture->acknowledged_count, 2);
    assert_int_equal(fixture->acknowledged[0], 7);
    assert_int_equal(fixture->acknowledged[1], 8);
}

static void
send_provisioning(struct fixture *fixture)
{
    struct header type = { STR_INIT("Content-Type"), STR_INIT("application/scim+json") };
    struct exchange exchange = { .connection = 1,
                                 .number = 9,
                                 .started_ms = 1769860800000,
                                 .scheme = STR("https"),
                                 .host = STR("scim.eu-west-1.amazonaws.com"),
                                 .port = 443,
                                 .method = STR("PATCH"),
                                 .target = STR("/t1/scim/v2/Groups/g1"),
                                 .version = STR("HTTP/1.1"),
                                 .request_headers = { &type, 1 },
                                 .status = 204 };

    exchange.request_body.bytes = STR("{\"schemas\": [\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"], "
                                      "\"Operations\": [{\"op\": \"Add\", \"path\": \"members\", "
                                      "\"value\": [{\"value\": \"u0\"}]}]}");
    exchange.request_body.size = exchange.request_body.bytes.len;
    send_exchange(fixture, &exchange);
    send_frame(fixture, PIPE_FINISH, STR(""));
}

/* A directory being filled must not push sign-ins off the screen; the log has every request. */
static void
test_provisioning_without_a_fault_is_logged_and_not_printed(void **state)
{
    struct fixture *fixture = *state;
    json_t *line;

    fixture->as_text = true;
    send_provisioning(fixture);
    assert_int_equal(run_desk(fixture, false), 0);
    assert_int_equal(fixture->printed, 0);
    line = logged_line(fixture);
    assert_non_null(line);
    json_decref(line);
}

static void
test_provisioning_is_a_json_line_too(void **state)
{
    struct fixture *fixture = *state;

    send_provisioning(fixture);
    assert_int_equal(run_desk(fixture, false), 0);
    assert_true(fixture->printed > 0);
}

static void
test_what_never_came_is_said(void **state)
{
    struct fixture *fixture = *state;
    json_t *line;

    send_frame(fixture, PIPE_DROPPED, STR("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7seven were not examined"));
    send_frame(fixture, PIPE_FINISH, STR(""));
    assert_int_equal(run_desk(fixture, false), 0);
    assert_int_equal(fixture->acknowledged_count, 1);
    line = logged_line(fixture);
    assert_string_equal(json_string_value(json_object_get(line, "type")), "not-examined");
    assert_int_equal(json_integer_value(json_object_get(line, "exchanges")), 7);
    assert_string_equal(json_string_value(json_object_get(line, "text")), "seven were not examined");
    json_decref(line);
}

static void
test_lines_are_printed(void **state)
{
    struct fixture *fixture = *state;

    send_frame(fixture, PIPE_LINE, STR("\0\0\0\0\0\0\0\0twelve bytes"));
    send_frame(fixture, PIPE_FINISH, STR(""));
    assert_int_equal(run_desk(fixture, false), 0);
    assert_int_equal(fixture->printed, 12);
    assert_int_equal(fixture->acknowledged_count, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_an_exchange_is_kept_examined_and_acknowledged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bystanders_are_only_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_end_of_the_pipe_finishes_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_broken_stream_ends_the_desk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_exchange_is_acknowledged_all_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_provisioning_without_a_fault_is_logged_and_not_printed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_provisioning_is_a_json_line_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lines_are_printed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_never_came_is_said, set_up, tear_down),
    };
    const char *why = NULL;
    int failed;

    alarm(60);
    log_set_level(LOG_ERROR);
    if (!saml_library_init(&why))
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    saml_library_cleanup();
    return failed;
}

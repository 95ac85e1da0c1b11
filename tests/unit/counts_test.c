/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <event2/event.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "counts_rows.h"
#include "counts_socket.h"
#include "counts_text.h"

static struct counts
some_counts(void)
{
    struct counts counts = {
        .process = 4711, .started_s = 1767225600, .now_s = 1767225600 + 93784, .address = "127.0.0.1:8080"
    };

    counts.relay.connections = 5;
    counts.relay.open = 2;
    counts.relay.closed[CLOSE_CLIENT_CLOSED] = 1;
    counts.relay.closed[CLOSE_IDLE_TIMEOUT] = 2;
    counts.relay.tunnels[TUNNEL_BYPASS_LIST] = 1;
    counts.relay.bytes_down = 3 << 20;
    counts.signins[0] = 7;
    counts.signins[1] = 8;
    return counts;
}

static void
assert_has(const struct buf *text, const char *part)
{
    if (str_find_c(buf_str(text), part) == SIZE_MAX)
        fail_msg("'%s' is not in: %.*s", part, STR_ARG(buf_str(text)));
}

static void
a_table_names_what_there_was(void **state)
{
    const struct counts counts = some_counts();
    struct buf out;

    (void)state;
    buf_init(&out, COUNTS_MAX_BYTES);
    counts_table(&out, &counts);
    assert_has(&out, "samltap on 127.0.0.1:8080, process 4711, up for 1 d 2 h 3 min 4 s\n");
    assert_has(&out, "\n  client-closed                             1\n");
    assert_has(&out, "\n  idle-timeout                              2\n");
    assert_has(&out, "\n  fail                                      8\n");
    assert_has(&out, "3145728  3.0 MiB\n");
    assert_int_equal(str_find_c(buf_str(&out), "client-reset"), SIZE_MAX);
    buf_release(&out);
}

static void
a_line_is_one_line(void **state)
{
    const struct counts counts = some_counts();
    struct buf out;

    (void)state;
    buf_init(&out, COUNTS_MAX_BYTES);
    counts_line(&out, &counts);
    assert_has(&out, "2 connections open, 5 in all");
    assert_has(&out, "sign-ins: 7 pass, 8 fail, 0 undecided");
    assert_int_equal(str_find_byte(buf_str(&out), '\n'), SIZE_MAX);
    buf_release(&out);
}

static json_int_t
number_at(const json_t *root, const char *outer, const char *inner)
{
    const json_t *value = json_object_get(json_object_get(root, outer), inner);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void
json_holds_every_member(void **state)
{
    const struct counts counts = some_counts();
    struct buf out;
    json_t *root;

    (void)state;
    buf_init(&out, COUNTS_MAX_BYTES);
    counts_json(&out, &counts);
    root = json_loadb(out.bytes, out.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "schema")), "samltap/1");
    assert_string_equal(json_string_value(json_object_get(root, "type")), "stats");
    assert_string_equal(json_string_value(json_object_get(root, "started")), "2026-01-01T00:00:00Z");
    assert_int_equal(number_at(root, "connections", "total"), 5);
    assert_int_equal(number_at(root, "closed", "idle-timeout"), 2);
    assert_int_equal(number_at(root, "closed", "client-reset"), 0);
    assert_int_equal(number_at(root, "signins", "pass"), 7);
    assert_int_equal(number_at(root, "tunnels", "bypass-list"), 1);
    assert_int_equal(json_object_size(json_object_get(root, "closed")), CLOSE_REASON_COUNT);
    json_decref(root);
    buf_release(&out);
}

/* One # HELP and one # TYPE before all samples of a name; each sample "name{labels} number". */
static void
prometheus_text_keeps_its_rules(void **state)
{
    const struct counts counts = some_counts();
    struct str rest, line, name, value;
    char current[100] = "", seen[16384] = "", wanted[120];
    bool is_counter = false;
    uint64_t number;
    struct buf out;

    (void)state;
    buf_init(&out, COUNTS_MAX_BYTES);
    counts_prometheus(&out, &counts);
    for (rest = buf_str(&out); rest.len > 0;) {
        assert_true(str_cut(rest, '\n', &line, &rest));
        if (str_starts_c(line, "# HELP ")) {
            str_cut(str_from_offset(line, 7), ' ', &name, &value);
            snprintf(current, sizeof(current), "%.*s", STR_ARG(name));
            snprintf(wanted, sizeof(wanted), "|%s|", current);
            assert_null(strstr(seen, wanted));
            strcat(seen, wanted);
            assert_true(value.len > 10);
        } else if (str_starts_c(line, "# TYPE ")) {
            snprintf(wanted, sizeof(wanted), "# TYPE %s ", current);
            assert_true(str_starts_c(line, wanted));
            is_counter = str_ends_c(line, " counter");
            assert_int_equal(is_counter, strlen(current) > 6 && strcmp(current + strlen(current) - 6, "_total") == 0);
        } else {
            size_t space = line.len;

            while (space > 0 && line.ptr[space - 1] != ' ')
                space--;
            assert_true(str_to_u64(str_from_offset(line, space), &number));
            assert_true(str_starts_c(line, current));
            assert_true(line.ptr[strlen(current)] == ' ' || line.ptr[strlen(current)] == '{');
        }
    }
    assert_has(&out, "\nsamltap_connections_total 5\n");
    assert_has(&out, "\nsamltap_connections_closed_total{reason=\"idle-timeout\"} 2\n");
    assert_has(&out, "\nsamltap_relayed_bytes_total{direction=\"down\"} 3145728\n");
    assert_has(&out, "\nsamltap_signins_total{verdict=\"fail\"} 8\n");
    buf_release(&out);
}

/* --- the socket ------------------------------------------------------------------------------------------ */

struct served {
    char directory[200];
    struct event_base *base;
    struct counts_socket *socket;
    pthread_t thread;
};

static bool
answer(void *data, struct str word, struct buf *out)
{
    (void)data;
    if (!str_eq_c(word, "table"))
        return false;
    for (int i = 0; i < 20000; i++)
        buf_add_c(out, "0123456789");
    return true;
}

static void *
serve(void *data)
{
    struct served *served = data;

    event_base_loop(served->base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

/* The path is longer than the address of a unix socket may be. */
static void
start(struct served *served)
{
    char *why = NULL;

    strcpy(served->directory, "/tmp/samltap-counts-test-XXXXXX");
    assert_non_null(mkdtemp(served->directory));
    strcat(served->directory, "/");
    memset(served->directory + strlen(served->directory), 'd', 120);
    served->directory[sizeof("/tmp/samltap-counts-test-XXXXXX/") - 1 + 120] = '\0';
    assert_int_equal(mkdir(served->directory, 0755), 0);
    served->base = event_base_new();
    served->socket = counts_socket_new(served->base, served->directory, answer, NULL, &why);
    assert_non_null(served->socket);
}

static void
stop(struct served *served)
{
    counts_socket_free(served->socket);
    event_base_free(served->base);
    assert_int_equal(rmdir(served->directory), 0); /* nothing is left in it */
    *strrchr(served->directory, '/') = '\0';
    rmdir(served->directory);
}

static void
on_end(evutil_socket_t none, short what, void *base)
{
    (void)none;
    (void)what;
    event_base_loopbreak(base);
}

static void
the_socket_answers_its_owner(void **state)
{
    struct served served = { .base = NULL };
    pid_t pids[COUNTS_MAX_PROXIES];
    char path[300], *why = NULL;
    struct event *end;
    struct buf out;
    struct stat status;
    int wake[2];

    (void)state;
    start(&served);
    snprintf(path, sizeof(path), "%s/stats-%ld.sock", served.directory, (long)getpid());
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(pipe(wake), 0);
    end = event_new(served.base, wake[0], EV_READ, on_end, served.base);
    event_add(end, NULL);
    pthread_create(&served.thread, NULL, serve, &served);
    assert_int_equal(counts_socket_find(served.directory, pids), 1);
    assert_int_equal(pids[0], getpid());
    for (int i = 0; i < 40; i++) { /* more than may visit at a time */
        buf_init(&out, COUNTS_MAX_BYTES);
        assert_true(counts_socket_ask(served.directory, getpid(), "table", &out, &why));
        assert_int_equal(out.len, 200000);
        buf_release(&out);
    }
    buf_init(&out, COUNTS_MAX_BYTES);
    assert_false(counts_socket_ask(served.directory, getpid(), "passwords", &out, &why));
    assert_non_null(strstr(why, "does not answer"));
    free(why);
    buf_release(&out);
    assert_int_equal(write(wake[1], "", 1), 1);
    pthread_join(served.thread, NULL);
    event_free(end);
    close(wake[0]);
    close(wake[1]);
    stop(&served);
}

/* A socket without a listener, a file with such a name, and no directory. */
static void
what_killed_proxies_left_is_removed(void **state)
{
    char directory[] = "/tmp/samltap-counts-test-XXXXXX", path[200];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    pid_t pids[COUNTS_MAX_PROXIES];
    char *why = NULL;
    struct buf out;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)state;
    assert_non_null(mkdtemp(directory));
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/stats-99999999.sock", directory);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(fd);
    snprintf(path, sizeof(path), "%s/stats-x.sock", directory);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(counts_socket_find(directory, pids), 0);
    assert_int_equal(access(address.sun_path, F_OK), -1);
    assert_int_equal(access(path, F_OK), 0);
    unlink(path);
    rmdir(directory);
    assert_int_equal(counts_socket_find(directory, pids), 0);
    buf_init(&out, 100);
    assert_false(counts_socket_ask(directory, 1, "table", &out, &why));
    assert_non_null(strstr(why, "No such file"));
    free(why);
    buf_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_names_what_there_was), cmocka_unit_test(a_line_is_one_line),
        cmocka_unit_test(json_holds_every_member),      cmocka_unit_test(prometheus_text_keeps_its_rules),
        cmocka_unit_test(the_socket_answers_its_owner), cmocka_unit_test(what_killed_proxies_left_is_removed),
    };

    alarm(60);
    return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}

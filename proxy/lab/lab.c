/* SPDX-License-Identifier: MIT */
#include "lab.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "saml.h"
#include "server.h"

/*
 * What the child says when it is ready: five fields, each a length (u32, big endian) and bytes: port
 * as decimal, CA certificate, metadata of identity provider, IAM and Identity Center. When it is
 * not: one field, the reason, after a length of 0.
 */
enum { FIELD_COUNT = 5, MAX_READY = 256 * 1024, START_TIMEOUT_MS = 30 * 1000 };

static void
add_field(struct buf *out, struct str field)
{
    buf_add_u32(out, (uint32_t)field.len);
    buf_add_str(out, field);
}

static void
ready_message(struct buf *out, const struct lab_server *server, const char *why)
{
    struct arena *arena = arena_new(MAX_READY);
    struct buf pem;

    buf_init(&pem, MAX_READY);
    if (arena == NULL || server == NULL || !lab_server_ca_pem(server, &pem)) {
        buf_add_u32(out, 0);
        add_field(out, str_from(why));
    } else {
        add_field(out, arena_printf(arena, "%u", lab_server_port(server)));
        add_field(out, buf_str(&pem));
        add_field(out, lab_idp_metadata(arena, lab_key_certificate(lab_server_site(server)->keys.ours)));
        add_field(out, lab_sp_metadata(arena, LAB_IAM));
        add_field(out, lab_sp_metadata(arena, LAB_IDC));
    }
    buf_release(&pem);
    arena_free(arena);
}

static bool
write_all(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t written = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes = str_from_offset(bytes, (size_t)written);
    }
    return true;
}

/* Leaves the parent's world: its other descriptors, its signals; ends when it ends. */
static void
settle_down(int channel)
{
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_NAME, "samltap lab");
    if (channel > 3)
        syscall(SYS_close_range, 3u, (unsigned)channel - 1, 0u);
    syscall(SYS_close_range, (unsigned)channel + 1, ~0u, 0u);
#endif
    signal(SIGINT, SIG_IGN); /* Ctrl-C is the parent's: it may still want to drain */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_IGN);
}

static NO_RETURN void
run_child(int channel, const char *fault)
{
    const char *why = "the lab ran out of memory";
    struct lab_server *server;
    struct buf ready;

    settle_down(channel);
    server = saml_library_init(&why) ? lab_server_new(fault, &why) : NULL;
    buf_init(&ready, MAX_READY);
    ready_message(&ready, server, why);
    if (!buf_failed(&ready) && write_all(channel, buf_str(&ready)) && server != NULL)
        lab_server_run(server, channel);
    buf_release(&ready);
    lab_server_free(server);
    saml_library_cleanup();
    /* Not exit(): what the parent had registered and buffered is the parent's. */
    _exit(0);
}

/* Takes one field off the front of *rest. */
static bool
next_field(struct str *rest, struct str *field)
{
    uint32_t len = 0;

    if (rest->len < 4)
        return false;
    for (int i = 0; i < 4; i++)
        len = len << 8 | (unsigned char)rest->ptr[i];
    if (rest->len - 4 < len)
        return false;
    *field = str_slice(*rest, 4, len);
    *rest = str_from_offset(*rest, 4 + (size_t)len);
    return true;
}

/* 1: complete, 0: more is needed, -1: the child gave up; *text says why then. */
static int
read_ready(struct lab *lab, struct str bytes, struct str *text)
{
    struct str fields[FIELD_COUNT];
    uint64_t port = 0;

    for (size_t i = 0; i < FIELD_COUNT; i++) {
        if (!next_field(&bytes, &fields[i]))
            return 0;
        if (i == 0 && fields[0].len == 0)
            return next_field(&bytes, text) ? -1 : 0;
    }
    *text = STR("the lab process said no port");
    if (!str_to_u64(fields[0], &port) || port == 0 || port > 65535)
        return -1;
    lab->port = (unsigned)port;
    buf_add_str(&lab->ca_pem, fields[1]);
    buf_add_str(&lab->idp_metadata, fields[2]);
    buf_add_str(&lab->iam_metadata, fields[3]);
    buf_add_str(&lab->idc_metadata, fields[4]);
    return 1;
}

/* Waits for the child's word: true when it is ready, else *why (malloc'd) says why not. */
static bool
await_ready(struct lab *lab, char **why)
{
    struct buf in;
    struct str text = STR("the lab process said too much");
    int state = 0;

    buf_init(&in, MAX_READY);
    while (state == 0) {
        struct pollfd ready = { .fd = lab->channel, .events = POLLIN };
        int count = poll(&ready, 1, START_TIMEOUT_MS);
        char bytes[4096];
        ssize_t len;

        if (count < 0 && errno == EINTR)
            continue;
        len = count == 1 ? recv(lab->channel, bytes, sizeof(bytes), 0) : -1;
        if (len <= 0) {
            *why = strdup(count == 0 ? "the lab did not start within 30 seconds" : "the lab process ended at once");
            break;
        }
        buf_add(&in, bytes, (size_t)len);
        state = buf_failed(&in) ? -1 : read_ready(lab, buf_str(&in), &text);
        if (state < 0)
            *why = strndup(text.ptr, text.len);
    }
    buf_release(&in);
    return state > 0;
}

static void
init_buffers(struct lab *lab)
{
    *lab = (struct lab){ .channel = -1 };
    buf_init(&lab->ca_pem, MAX_READY);
    buf_init(&lab->idp_metadata, MAX_READY);
    buf_init(&lab->iam_metadata, MAX_READY);
    buf_init(&lab->idc_metadata, MAX_READY);
}

bool
lab_start(struct lab *lab, const char *fault, char **why)
{
    int ends[2];

    init_buffers(lab);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        *why = strdup(strerror(errno));
        return false;
    }
    lab->pid = fork();
    if (lab->pid == 0) {
        close(ends[0]);
        run_child(ends[1], fault);
    }
    close(ends[1]);
    lab->channel = ends[0];
    if (lab->pid > 0 && await_ready(lab, why))
        return true;
    if (lab->pid < 0)
        *why = strdup(strerror(errno));
    lab_stop(lab);
    return false;
}

void
lab_stop(struct lab *lab)
{
    if (lab->channel >= 0)
        close(lab->channel);
    if (lab->pid > 0) {
        kill(lab->pid, SIGTERM);
        while (waitpid(lab->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    buf_release(&lab->ca_pem);
    buf_release(&lab->idp_metadata);
    buf_release(&lab->iam_metadata);
    buf_release(&lab->idc_metadata);
    *lab = (struct lab){ .channel = -1 };
}

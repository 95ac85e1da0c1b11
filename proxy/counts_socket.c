/* SPDX-License-Identifier: MIT */
#include "counts_socket.h"
#include "counts_text.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "counts_path.h"
#include "memory.h"

enum { MAX_VISITORS = 16, MAX_WORD = 64, VISIT_S = 5, BACKLOG = 16, PAUSE_MS = 200 };

struct counts_socket {
    struct event_base *base;
    counts_answer_fn *answer;
    void *data;
    int directory;
    int fd;
    struct event *readable;
    struct event *resume; /* after descriptors ran out */
    struct bufferevent *visitors[MAX_VISITORS];
};

static void
end_visit(struct counts_socket *socket, struct bufferevent *visitor)
{
    for (size_t i = 0; i < MAX_VISITORS; i++)
        if (socket->visitors[i] == visitor)
            socket->visitors[i] = NULL;
    bufferevent_free(visitor);
    event_add(socket->readable, NULL); /* there is room again */
}

/* All of the answer is sent. */
static void
on_sent(struct bufferevent *visitor, void *data)
{
    end_visit(data, visitor);
}

static void
on_gone(struct bufferevent *visitor, short what, void *data)
{
    (void)what;
    end_visit(data, visitor);
}

static void
on_word(struct bufferevent *visitor, void *data)
{
    struct counts_socket *socket = data;
    char *word = evbuffer_readln(bufferevent_get_input(visitor), NULL, EVBUFFER_EOL_LF);
    struct buf out;

    if (word == NULL) {
        if (evbuffer_get_length(bufferevent_get_input(visitor)) >= MAX_WORD)
            end_visit(socket, visitor);
        return;
    }
    buf_init(&out, COUNTS_MAX_BYTES);
    if (socket->answer(socket->data, str_from(word), &out) && !buf_failed(&out)) {
        bufferevent_disable(visitor, EV_READ);
        bufferevent_setcb(visitor, NULL, on_sent, on_gone, socket);
        bufferevent_write(visitor, out.bytes, out.len);
    } else {
        end_visit(socket, visitor);
    }
    buf_release(&out);
    free(word);
}

/* Takes the descriptor. */
static void
begin_visit(struct counts_socket *socket, struct bufferevent **place, int fd)
{
    const struct timeval limit = { .tv_sec = VISIT_S };
    struct bufferevent *visitor = bufferevent_socket_new(socket->base, fd, BEV_OPT_CLOSE_ON_FREE);

    if (visitor == NULL) {
        close(fd);
        return;
    }
    *place = visitor;
    bufferevent_setcb(visitor, on_word, NULL, on_gone, socket);
    bufferevent_set_timeouts(visitor, &limit, &limit);
    bufferevent_setwatermark(visitor, EV_READ, 0, MAX_WORD);
    bufferevent_enable(visitor, EV_READ);
}

static void
on_visitor(evutil_socket_t listening, short what, void *data)
{
    const struct timeval pause = { .tv_usec = PAUSE_MS * 1000 };
    struct counts_socket *socket = data;
    size_t place = 0;
    int fd;

    (void)what;
    while (place < MAX_VISITORS && socket->visitors[place] != NULL)
        place++;
    if (place == MAX_VISITORS)
        return; /* the next one waits until one of these has left */
    fd = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        begin_visit(socket, &socket->visitors[place], fd);
    if (fd >= 0 || errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
        event_add(socket->readable, NULL);
    else
        event_add(socket->resume, &pause); /* no descriptor is left: asking again at once is a busy loop */
}

static void
on_resume(evutil_socket_t none, short what, void *data)
{
    const struct counts_socket *socket = data;

    (void)none;
    (void)what;
    event_add(socket->readable, NULL);
}

/* Under another name until it listens: nobody takes it for one that a killed proxy has left. */
static bool
listen_in(struct counts_socket *socket_, const char *directory)
{
    struct sockaddr_un address;
    char name[COUNTS_NAME_SIZE], unready[COUNTS_NAME_SIZE + 1];

    counts_path_name(name, getpid());
    snprintf(unready, sizeof(unready), ".%s", name);
    socket_->directory = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    socket_->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_->directory < 0 || socket_->fd < 0)
        return false;
    unlinkat(socket_->directory, unready, 0);
    counts_path_address(&address, socket_->directory, unready);
    /* The mode of the descriptor is the one that the name gets. */
    return fchmod(socket_->fd, 0600) == 0 &&
           bind(socket_->fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
           listen(socket_->fd, BACKLOG) == 0 && renameat(socket_->directory, unready, socket_->directory, name) == 0;
}

struct counts_socket *
counts_socket_new(struct event_base *base, const char *directory, counts_answer_fn *answer, void *data, char **why)
{
    struct counts_socket *socket = xcalloc(1, sizeof(*socket));
    pid_t pids[COUNTS_MAX_PROXIES];

    *socket = (struct counts_socket){ .base = base, .answer = answer, .data = data, .directory = -1, .fd = -1 };
    counts_socket_find(directory, pids);
    if (!listen_in(socket, directory)) {
        *why = xprintf("%s: no socket can be made there: %s", directory, strerror(errno));
        counts_socket_free(socket);
        return NULL;
    }
    socket->readable = event_new(base, socket->fd, EV_READ, on_visitor, socket);
    socket->resume = evtimer_new(base, on_resume, socket);
    if (socket->readable != NULL && socket->resume != NULL && event_add(socket->readable, NULL) == 0)
        return socket;
    *why = xstrdup("out of memory");
    counts_socket_free(socket);
    return NULL;
}

void
counts_socket_free(struct counts_socket *socket)
{
    char name[COUNTS_NAME_SIZE];

    if (socket == NULL)
        return;
    for (size_t i = 0; i < MAX_VISITORS; i++)
        if (socket->visitors[i] != NULL)
            bufferevent_free(socket->visitors[i]);
    if (socket->readable != NULL)
        event_free(socket->readable);
    if (socket->resume != NULL)
        event_free(socket->resume);
    if (socket->fd >= 0)
        close(socket->fd);
    if (socket->directory >= 0) {
        counts_path_name(name, getpid());
        unlinkat(socket->directory, name, 0);
        close(socket->directory);
    }
    free(socket);
}

/* SPDX-License-Identifier: MIT */
#include "desk_child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "own_program.h"

enum { DESK_DESCRIPTOR = 3, SEND_BUFFER_BYTES = 4 * 1024 * 1024 };

void
desk_child_init(struct desk_child *child)
{
    *child = (struct desk_child){ .socket = -1 };
    buf_init(&child->in, PIPE_MAX_FRAME);
}

/* In the child, between fork and exec: only what is safe there. */
static NO_RETURN void
become_desk(const char *program, char *const *arguments, int socket)
{
    signal(SIGHUP, SIG_IGN);
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    if (socket == DESK_DESCRIPTOR)
        fcntl(socket, F_SETFD, 0);
    else
        dup2(socket, DESK_DESCRIPTOR);
    close_range(DESK_DESCRIPTOR + 1, ~0U, 0);
    if (program != NULL)
        execv(program, arguments);
    else
        own_program_run(arguments);
    _exit(DESK_CANNOT_EXECUTE);
}

bool
desk_child_start(struct desk_child *child, struct event_base *base, const char *program, char *const *arguments,
                 event_callback_fn callback, void *data)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    child->pid = fork();
    if (child->pid == 0)
        become_desk(program, arguments, ends[1]);
    close(ends[1]);
    if (child->pid < 0) {
        child->pid = 0;
        close(ends[0]);
        return false;
    }
    child->socket = ends[0];
    /* The kernel takes what its limit allows; with less than this there is only less in the socket. */
    setsockopt(child->socket, SOL_SOCKET, SO_SNDBUF, &(int){ SEND_BUFFER_BYTES }, sizeof(int));
    evutil_make_socket_nonblocking(child->socket);
    child->readable = event_new(base, child->socket, EV_READ | EV_PERSIST, callback, data);
    child->writable = event_new(base, child->socket, EV_WRITE, callback, data);
    if (child->readable == NULL || child->writable == NULL || event_add(child->readable, NULL) != 0)
        kill(child->pid, SIGKILL); /* SIGCHLD starts it again */
    return true;
}

bool
desk_child_read(struct desk_child *child, void (*take)(void *data, enum pipe_type type, struct str payload), void *data)
{
    enum pipe_type type;
    struct str payload;
    size_t used;
    char bytes[4096];
    ssize_t got;

    while ((got = recv(child->socket, bytes, sizeof(bytes), 0)) > 0) {
        int found;

        buf_add(&child->in, bytes, (size_t)got);
        while ((found = pipe_next(&child->in, &type, &payload, &used)) == 1) {
            take(data, type, payload);
            buf_consume(&child->in, used);
        }
        if (found < 0 || buf_failed(&child->in)) {
            log_warn("the desk sent something that is no frame; it is stopped");
            kill(child->pid, SIGKILL);
            return false;
        }
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

void
desk_child_close(struct desk_child *child)
{
    if (child->readable != NULL)
        event_free(child->readable);
    if (child->writable != NULL)
        event_free(child->writable);
    child->readable = child->writable = NULL;
    if (child->socket >= 0)
        close(child->socket);
    child->socket = -1;
    buf_release(&child->in);
    buf_init(&child->in, PIPE_MAX_FRAME);
}

void
desk_child_kill(struct desk_child *child)
{
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    child->pid = 0;
    desk_child_close(child);
}

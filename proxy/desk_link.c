/* SPDX-License-Identifier: MIT */
#include "desk_link.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exit_code.h"
#include "link_queue.h"
#include "log.h"
#include "memory.h"
#include "own_program.h"
#include "pipe.h"

enum {
    DEFAULT_MAX_BYTES = 64 * 1024 * 1024,
    DEFAULT_DELAY_MS = 100,
    MAX_DELAY_MS = 5000,
    DESK_DESCRIPTOR = 3,
    FRAMES_AT_ONCE = 32,
    BATCH_BYTES = 32 * 1024, /* of bystanders: then they go, or after BATCH_MS */
    BATCH_MS = 50,
    SEND_BUFFER_BYTES = 4 * 1024 * 1024,
    CANNOT_EXECUTE = 127
};

enum link_state {
    LINK_STARTING, /* the child runs, its READY is awaited */
    LINK_READY,
    LINK_WAITING, /* the child is dead, the timer will start another */
    LINK_ENDED,   /* there will be no other child */
};

struct desk_link {
    struct event_base *base;
    struct desk_link_options options;
    enum link_state state;
    bool was_ready; /* once at least */
    bool finishing;
    bool finish_sent;
    pid_t pid; /* 0: no child */
    int socket;
    int delay_ms;
    struct event *readable, *writable, *child, *timer;
    struct event *flush;       /* made active by the first frame of a round of the loop */
    struct event *batch_timer; /* runs while bystanders wait */
    struct buf batch;          /* their records */
    uint64_t batch_last;       /* number of the last of them */
    struct buf in;
    struct link_queue queue;
    struct desk_link_stats stats;
    uint64_t next_drop_notice; /* dropped exchanges are said at 1, 2, 4, 8 … */
};

static void start(struct desk_link *link);

/* --- writing ------------------------------------------------------------------------------------------ */

/* FINISH goes behind the last exchange, so it needs no place in the queue. */
static void
send_finish(struct desk_link *link)
{
    struct buf frame;

    buf_init(&frame, 64);
    pipe_write(&frame, PIPE_FINISH, STR(""));
    if (send(link->socket, frame.bytes, frame.len, MSG_NOSIGNAL) == (ssize_t)frame.len)
        link->finish_sent = true;
    else if (errno == EAGAIN)
        event_add(link->writable, NULL);
    buf_release(&frame);
}

static void
pump(struct desk_link *link)
{
    if (link->state != LINK_READY)
        return;
    for (;;) {
        struct iovec pieces[FRAMES_AT_ONCE];
        struct msghdr message = { .msg_iov = pieces };
        ssize_t sent;

        message.msg_iovlen = link_queue_unsent(&link->queue, pieces, FRAMES_AT_ONCE);
        if (message.msg_iovlen == 0)
            break;
        sent = sendmsg(link->socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            /* Any other error means that the desk is gone; SIGCHLD says so too. */
            if (errno == EAGAIN)
                event_add(link->writable, NULL);
            return;
        }
        link_queue_sent(&link->queue, (size_t)sent);
    }
    if (link->finishing && !link->finish_sent)
        send_finish(link);
}

/* A round of the loop ends many exchanges at once: they leave together. */
static void
pump_soon(struct desk_link *link)
{
    event_active(link->flush, EV_TIMEOUT, 1);
}

static void
say_dropped(struct desk_link *link)
{
    if (link->stats.dropped < link->next_drop_notice)
        return;
    log_warn("the desk is too far behind: %llu exchanges were passed on without being examined",
             (unsigned long long)link->stats.dropped);
    link->next_drop_notice = link->stats.dropped * 2;
}

static void
add_frame(struct desk_link *link, enum pipe_type type, uint64_t number, const struct buf *payload)
{
    struct buf frame;

    buf_init(&frame, PIPE_MAX_FRAME + 1024);
    pipe_write(&frame, type, buf_str(payload));
    link->stats.queued++;
    if (buf_failed(payload) || buf_failed(&frame))
        link->stats.dropped++;
    else
        link->stats.dropped += link_queue_add(&link->queue, number, &frame);
    buf_release(&frame);
    say_dropped(link);
}

static void
end_batch(struct desk_link *link)
{
    struct buf payload;

    if (link->batch.len == 0)
        return;
    event_del(link->batch_timer);
    buf_init(&payload, PIPE_MAX_FRAME);
    buf_add_u64(&payload, link->batch_last);
    buf_add_str(&payload, buf_str(&link->batch));
    add_frame(link, PIPE_BYSTANDERS, link->batch_last, &payload);
    buf_release(&payload);
    buf_reset(&link->batch);
}

static void
on_batch(evutil_socket_t none, short what, void *data)
{
    (void)none;
    (void)what;
    end_batch(data);
    pump(data);
}

static void
on_writable(evutil_socket_t socket, short what, void *data)
{
    (void)socket;
    (void)what;
    pump(data);
}

/* --- reading ------------------------------------------------------------------------------------------ */

static void
take_frame(struct desk_link *link, enum pipe_type type, struct str payload)
{
    uint64_t number;

    if (type == PIPE_ACK && pipe_cut_number(&payload, &number)) {
        if (link_queue_acknowledge(&link->queue, number))
            link->stats.acknowledged++;
        link->delay_ms = 0;
    } else if (type == PIPE_READY && link->state == LINK_STARTING) {
        link->state = LINK_READY;
        if (!link->was_ready && link->options.on_ready != NULL)
            link->options.on_ready(link->options.data);
        link->was_ready = true;
        pump(link);
    }
}

/* Reads what is there; returns false at the end of the stream. */
static bool
drain_socket(struct desk_link *link)
{
    enum pipe_type type;
    struct str payload;
    size_t used;
    char bytes[4096];
    ssize_t got;

    while ((got = recv(link->socket, bytes, sizeof(bytes), 0)) > 0) {
        int found;

        buf_add(&link->in, bytes, (size_t)got);
        while ((found = pipe_next(&link->in, &type, &payload, &used)) == 1) {
            take_frame(link, type, payload);
            buf_consume(&link->in, used);
        }
        if (found < 0 || buf_failed(&link->in)) {
            log_warn("the desk sent something that is no frame; it is stopped");
            kill(link->pid, SIGKILL);
            return false;
        }
    }
    return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static void
on_readable(evutil_socket_t socket, short what, void *data)
{
    struct desk_link *link = data;

    (void)socket;
    (void)what;
    if (!drain_socket(link))
        event_del(link->readable); /* SIGCHLD follows */
}

/* --- life and death of the child -------------------------------------------------------------------- */

static void
close_socket(struct desk_link *link)
{
    if (link->readable != NULL)
        event_free(link->readable);
    if (link->writable != NULL)
        event_free(link->writable);
    link->readable = link->writable = NULL;
    if (link->socket >= 0)
        close(link->socket);
    link->socket = -1;
    buf_reset(&link->in);
}

static void
end(struct desk_link *link, int code)
{
    link->state = LINK_ENDED;
    if (link->options.on_ended != NULL)
        link->options.on_ended(link->options.data, code);
}

/* An exchange is blamed when it was handed over and not acknowledged: the desk works in order. */
static void
blame_first(struct desk_link *link)
{
    uint64_t number;

    if (!link_queue_blame(&link->queue, &number))
        return;
    link->stats.quarantined++;
    log_warn("exchange %llu stopped the desk twice and is set aside", (unsigned long long)number);
}

static void
restart_later(struct desk_link *link, const char *how)
{
    int first = link->options.restart_delay_ms;
    struct timeval wait;

    link->delay_ms = link->delay_ms == 0 ? first : link->delay_ms * 2;
    if (link->delay_ms > MAX_DELAY_MS)
        link->delay_ms = MAX_DELAY_MS;
    log_warn("the desk ended (%s); it is started again in %d.%d s, %zu exchanges wait for it, traffic goes on", how,
             link->delay_ms / 1000, link->delay_ms % 1000 / 100, link->queue.count);
    link->state = LINK_WAITING;
    link->stats.restarts++;
    wait = (struct timeval){ .tv_sec = link->delay_ms / 1000, .tv_usec = link->delay_ms % 1000 * 1000 };
    event_add(link->timer, &wait);
}

static void
child_ended(struct desk_link *link, int status)
{
    char how[64];
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_RUNTIME;
    bool done;

    drain_socket(link); /* acknowledgements that it sent before it died */
    done = link->finish_sent && link->queue.count == 0 && WIFEXITED(status);
    link->finish_sent = false;
    link->pid = 0;
    close_socket(link);
    blame_first(link);
    link_queue_rewind(&link->queue);
    if (code == CANNOT_EXECUTE && !link->was_ready)
        log_error("the desk cannot be started: %s does not run",
                  link->options.program != NULL ? link->options.program : "samltap itself");
    if (done || !link->was_ready) {
        end(link, code == CANNOT_EXECUTE ? EXIT_RUNTIME : code);
        return;
    }
    if (WIFSIGNALED(status))
        snprintf(how, sizeof(how), "signal %d", WTERMSIG(status));
    else
        snprintf(how, sizeof(how), "exit code %d", code);
    restart_later(link, how);
}

static void
on_child(evutil_socket_t signal_number, short what, void *data)
{
    struct desk_link *link = data;
    int status;

    (void)signal_number;
    (void)what;
    if (link->pid > 0 && waitpid(link->pid, &status, WNOHANG) == link->pid)
        child_ended(link, status);
}

static void
on_flush(evutil_socket_t none, short what, void *data)
{
    (void)none;
    (void)what;
    pump(data);
}

static void
on_timer(evutil_socket_t none, short what, void *data)
{
    (void)none;
    (void)what;
    start(data);
}

/* In the child, between fork and exec: only what is safe there. */
static NO_RETURN void
become_desk(const struct desk_link *link, int socket)
{
    if (socket == DESK_DESCRIPTOR)
        fcntl(socket, F_SETFD, 0);
    else
        dup2(socket, DESK_DESCRIPTOR);
    close_range(DESK_DESCRIPTOR + 1, ~0U, 0);
    if (link->options.program != NULL)
        execv(link->options.program, link->options.arguments);
    else
        own_program_run(link->options.arguments);
    _exit(CANNOT_EXECUTE);
}

static bool
spawn(struct desk_link *link)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return false;
    link->pid = fork();
    if (link->pid == 0)
        become_desk(link, ends[1]);
    close(ends[1]);
    if (link->pid < 0) {
        link->pid = 0;
        close(ends[0]);
        return false;
    }
    link->socket = ends[0];
    /* The kernel takes what its limit allows; with less than this there is only less in the socket. */
    setsockopt(link->socket, SOL_SOCKET, SO_SNDBUF, &(int){ SEND_BUFFER_BYTES }, sizeof(int));
    evutil_make_socket_nonblocking(link->socket);
    link->readable = event_new(link->base, link->socket, EV_READ | EV_PERSIST, on_readable, link);
    link->writable = event_new(link->base, link->socket, EV_WRITE, on_writable, link);
    if (link->readable == NULL || link->writable == NULL || event_add(link->readable, NULL) != 0) {
        kill(link->pid, SIGKILL);
        return true; /* SIGCHLD starts it again */
    }
    return true;
}

static void
start(struct desk_link *link)
{
    link->state = LINK_STARTING;
    if (!spawn(link))
        restart_later(link, strerror(errno));
}

/* --- the public face ----------------------------------------------------------------------------------- */

struct desk_link *
desk_link_new(struct event_base *base, const struct desk_link_options *options, char **why)
{
    struct desk_link *link = xcalloc(1, sizeof(*link));

    link->base = base;
    link->options = *options;
    link->socket = -1;
    link->next_drop_notice = 1;
    if (link->options.restart_delay_ms == 0)
        link->options.restart_delay_ms = DEFAULT_DELAY_MS;
    link_queue_init(&link->queue, options->max_bytes ? options->max_bytes : DEFAULT_MAX_BYTES);
    buf_init(&link->in, PIPE_MAX_FRAME);
    link->child = evsignal_new(base, SIGCHLD, on_child, link);
    link->timer = evtimer_new(base, on_timer, link);
    link->flush = event_new(base, -1, 0, on_flush, link);
    link->batch_timer = evtimer_new(base, on_batch, link);
    buf_init(&link->batch, PIPE_MAX_FRAME - 1024);
    if (link->child == NULL || link->timer == NULL || link->flush == NULL || link->batch_timer == NULL ||
        event_add(link->child, NULL) != 0 || !spawn(link)) {
        *why = xprintf("the desk process cannot be started: %s", strerror(errno));
        desk_link_free(link);
        return NULL;
    }
    link->state = LINK_STARTING;
    return link;
}

void
desk_link_send_bystander(struct desk_link *link, const struct exchange *exchange)
{
    static const struct timeval wait = { .tv_usec = BATCH_MS * 1000 };
    struct exchange small = *exchange;
    struct buf record;

    if (link->state == LINK_ENDED || link->finishing)
        return;
    small.request_headers = small.response_headers = (struct headers){ 0 };
    small.request_body.bytes = small.response_body.bytes = (struct str){ 0 };
    buf_init(&record, PIPE_MAX_FRAME / 4);
    exchange_write(&record, &small);
    if (!buf_failed(&record)) {
        if (link->batch.len == 0)
            event_add(link->batch_timer, &wait);
        buf_add_u32(&link->batch, (uint32_t)record.len);
        buf_add_str(&link->batch, buf_str(&record));
        link->batch_last = exchange->number;
        link->stats.bystanders++;
    }
    buf_release(&record);
    if (link->batch.len > BATCH_BYTES) {
        end_batch(link);
        pump_soon(link);
    }
}

void
desk_link_send(struct desk_link *link, const struct exchange *exchange)
{
    struct buf payload;

    if (link->state == LINK_ENDED || link->finishing)
        return;
    end_batch(link);
    buf_init(&payload, PIPE_MAX_FRAME - 1024);
    buf_add_u64(&payload, exchange->number);
    exchange_write(&payload, exchange);
    if (buf_failed(&payload)) {
        struct exchange small = *exchange;

        small.request_body.bytes = small.response_body.bytes = (struct str){ 0 };
        small.request_body.cut = small.response_body.cut = true;
        buf_reset(&payload);
        buf_add_u64(&payload, exchange->number);
        exchange_write(&payload, &small);
    }
    add_frame(link, PIPE_EXCHANGE, exchange->number, &payload);
    buf_release(&payload);
    pump(link); /* at once: what is in the socket outlives this process, what is in the queue does not */
}

void
desk_link_finish(struct desk_link *link)
{
    if (link->finishing || link->state == LINK_ENDED)
        return;
    link->finishing = true;
    if (link->state == LINK_WAITING) {
        event_del(link->timer);
        start(link);
    }
    end_batch(link);
    pump(link);
}

struct desk_link_stats
desk_link_stats(const struct desk_link *link)
{
    struct desk_link_stats stats = link->stats;

    stats.waiting = link->queue.count;
    stats.waiting_bytes = link->queue.bytes;
    stats.handed_over = link->queue.unsent == NULL;
    return stats;
}

void
desk_link_free(struct desk_link *link)
{
    if (link == NULL)
        return;
    if (link->pid > 0) {
        kill(link->pid, SIGKILL);
        while (waitpid(link->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    close_socket(link);
    if (link->child != NULL)
        event_free(link->child);
    if (link->timer != NULL)
        event_free(link->timer);
    if (link->flush != NULL)
        event_free(link->flush);
    if (link->batch_timer != NULL)
        event_free(link->batch_timer);
    buf_release(&link->batch);
    link_queue_release(&link->queue);
    buf_release(&link->in);
    free(link);
}

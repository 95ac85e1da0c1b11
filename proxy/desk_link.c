/* SPDX-License-Identifier: MIT */
#include "desk_link.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "desk_child.h"
#include "exit_code.h"
#include "link_queue.h"
#include "log.h"
#include "memory.h"

enum {
    DEFAULT_MAX_BYTES = 64 * 1024 * 1024,
    DEFAULT_DELAY_MS = 100,
    MAX_DELAY_MS = 5000,
    RETIRE_S = 10, /* for a desk that another one follows: then it is killed */
    FRAMES_AT_ONCE = 32,
    BATCH_BYTES = 32 * 1024, /* of bystanders: then they go, or after BATCH_MS */
    BATCH_MS = 50,
};

enum link_state {
    LINK_STARTING, /* the child runs, its READY is awaited */
    LINK_READY,
    LINK_WAITING,  /* the child is dead; the timer will start another, or the successor will be one */
    LINK_RETIRING, /* the child gets nothing more, its end is awaited: a successor is ready */
    LINK_ENDED,    /* there will be no other child */
};

struct desk_link {
    struct event_base *base;
    struct desk_link_options options;
    enum link_state state;
    bool was_ready; /* once at least */
    bool finishing;
    bool finish_sent;
    struct desk_child child;
    struct desk_child successor; /* started with other arguments; takes over when it is ready */
    char *const *new_arguments;
    bool successor_ready;
    void (*on_replaced)(void *data, bool is_ready);
    void *replaced_data;
    int delay_ms;
    struct event *child_ended, *timer;
    struct event *flush;       /* made active by the first frame of a round of the loop */
    struct event *batch_timer; /* runs while bystanders wait */
    struct buf batch;          /* their records */
    uint64_t batch_last;       /* number of the last of them */
    struct link_queue queue;
    struct desk_link_stats stats;
    uint64_t untold;           /* dropped ones of which the desk was not told */
    uint64_t next_drop_notice; /* dropped exchanges are said at 1, 2, 4, 8 … */
};

/* --- writing ------------------------------------------------------------------------------------------ */

/* FINISH goes behind the last exchange, so it needs no place in the queue. */
static void
send_finish(struct desk_link *link)
{
    struct buf frame;

    buf_init(&frame, 64);
    pipe_write(&frame, PIPE_FINISH, STR(""));
    if (send(link->child.socket, frame.bytes, frame.len, MSG_NOSIGNAL) == (ssize_t)frame.len)
        link->finish_sent = true;
    else if (errno == EAGAIN)
        event_add(link->child.writable, NULL);
    buf_release(&frame);
}

/* The desk hears of what it will never get as soon as it has caught up. Returns false when there is nothing. */
static bool
tell_dropped(struct desk_link *link)
{
    struct buf payload, frame;

    if (link->untold == 0)
        return false;
    buf_init(&payload, 1024);
    buf_init(&frame, 2048);
    buf_add_u64(&payload, 0);
    buf_add_u64(&payload, link->untold);
    buf_printf(
        &payload,
        "%llu exchanges were passed on and not examined, because %zu KiB of others were waiting already; the desk "
        "was too far behind",
        (unsigned long long)link->untold, link->queue.max_bytes / 1024);
    pipe_write(&frame, PIPE_DROPPED, buf_str(&payload));
    link->untold = 0;
    link_queue_add(&link->queue, 0, &frame);
    buf_release(&payload);
    buf_release(&frame);
    return true;
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
        if (message.msg_iovlen == 0 && tell_dropped(link))
            continue;
        if (message.msg_iovlen == 0)
            break;
        sent = sendmsg(link->child.socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            /* Any other error means that the desk is gone; SIGCHLD says so too. */
            if (errno == EAGAIN)
                event_add(link->child.writable, NULL);
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

/* count more will never get there. */
static void
note_dropped(struct desk_link *link, uint64_t count)
{
    link->stats.dropped += count;
    link->untold += count;
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
    note_dropped(link, buf_failed(payload) || buf_failed(&frame) ? 1 : link_queue_add(&link->queue, number, &frame));
    buf_release(&frame);
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

/* --- reading ------------------------------------------------------------------------------------------ */

static void
take_frame(void *data, enum pipe_type type, struct str payload)
{
    struct desk_link *link = data;
    uint64_t number;

    if (type == PIPE_ACK && pipe_cut_number(&payload, &number)) {
        if (link_queue_acknowledge(&link->queue, number) && number != 0)
            link->stats.acknowledged++;
        link->delay_ms = 0;
    } else if (type == PIPE_SIGNIN && payload.len == 1 && (unsigned char)payload.ptr[0] < DESK_VERDICTS) {
        link->stats.signins[(unsigned char)payload.ptr[0]]++;
    } else if (type == PIPE_READY && link->state == LINK_STARTING) {
        link->state = LINK_READY;
        if (!link->was_ready && link->options.on_ready != NULL)
            link->options.on_ready(link->options.data);
        link->was_ready = true;
        pump(link);
    }
}

static void on_socket(evutil_socket_t socket, short what, void *data);

/* --- life and death of the child -------------------------------------------------------------------- */

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
start(struct desk_link *link)
{
    link->state = LINK_STARTING;
    if (!desk_child_start(&link->child, link->base, link->options.program, link->options.arguments, on_socket, link))
        restart_later(link, strerror(errno));
}

/* The successor is the desk from now on, and gets everything that nobody acknowledged. */
static void
adopt(struct desk_link *link)
{
    link->child = link->successor;
    link->options.arguments = link->new_arguments;
    desk_child_init(&link->successor);
    link->successor_ready = false;
    link->state = LINK_READY;
    pump(link);
}

static void
child_ended(struct desk_link *link, int status)
{
    char how[64];
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_RUNTIME;
    bool retired = link->state == LINK_RETIRING;
    bool done;

    desk_child_read(&link->child, take_frame, link); /* acknowledgements that it sent before it died */
    done = link->finish_sent && link->queue.count == 0 && WIFEXITED(status);
    link->finish_sent = false;
    link->child.pid = 0;
    desk_child_close(&link->child);
    if (!retired || WIFSIGNALED(status))
        blame_first(link);
    link_queue_rewind(&link->queue);
    event_del(link->timer);
    if (code == DESK_CANNOT_EXECUTE && !link->was_ready)
        log_error("the desk cannot be started: %s does not run",
                  link->options.program != NULL ? link->options.program : "samltap itself");
    if (done || !link->was_ready) {
        end(link, code == DESK_CANNOT_EXECUTE ? EXIT_RUNTIME : code);
        return;
    }
    link->state = LINK_WAITING;
    if (link->successor_ready) {
        adopt(link);
    } else if (link->successor.pid == 0) {
        if (WIFSIGNALED(status))
            snprintf(how, sizeof(how), "signal %d", WTERMSIG(status));
        else
            snprintf(how, sizeof(how), "exit code %d", code);
        restart_later(link, how);
    }
}

/* --- the successor ------------------------------------------------------------------------------------- */

static void
take_successor_frame(void *data, enum pipe_type type, struct str payload)
{
    struct desk_link *link = data;
    const struct timeval limit = { .tv_sec = RETIRE_S };

    (void)payload;
    if (type != PIPE_READY || link->successor_ready)
        return;
    link->successor_ready = true;
    link->on_replaced(link->replaced_data, true);
    if (link->child.pid == 0)
        return;
    /* What it has in its pipe it still examines and acknowledges; open sign-ins it finishes. */
    link->state = LINK_RETIRING;
    shutdown(link->child.socket, SHUT_WR);
    event_add(link->timer, &limit);
}

static void
successor_ended(struct desk_link *link)
{
    bool was_ready = link->successor_ready;

    desk_child_close(&link->successor);
    link->successor.pid = 0;
    link->successor_ready = false;
    if (was_ready)
        link->options.arguments = link->new_arguments; /* they were good: the next one gets them */
    else
        link->on_replaced(link->replaced_data, false);
    if (link->state == LINK_WAITING && !event_pending(link->timer, EV_TIMEOUT, NULL))
        restart_later(link, "while another one was being started");
}

/* --- events --------------------------------------------------------------------------------------------- */

static void
on_child(evutil_socket_t signal_number, short what, void *data)
{
    struct desk_link *link = data;
    int status;

    (void)signal_number;
    (void)what;
    if (link->child.pid > 0 && waitpid(link->child.pid, &status, WNOHANG) == link->child.pid)
        child_ended(link, status);
    if (link->successor.pid > 0 && waitpid(link->successor.pid, &status, WNOHANG) == link->successor.pid)
        successor_ended(link);
}

/* After the end of a stream SIGCHLD follows. */
static void
on_socket(evutil_socket_t socket, short what, void *data)
{
    struct desk_link *link = data;

    if (socket == link->successor.socket) {
        if (!desk_child_read(&link->successor, take_successor_frame, link))
            event_del(link->successor.readable);
        if (link->successor_ready && link->child.pid == 0) {
            event_del(link->timer);
            adopt(link);
        }
    } else if ((what & EV_WRITE) != 0) {
        pump(link);
    } else if (!desk_child_read(&link->child, take_frame, link)) {
        event_del(link->child.readable);
    }
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
    struct desk_link *link = data;

    (void)none;
    (void)what;
    if (link->state == LINK_RETIRING)
        kill(link->child.pid, SIGKILL);
    else
        start(link);
}

/* --- the public face ----------------------------------------------------------------------------------- */

struct desk_link *
desk_link_new(struct event_base *base, const struct desk_link_options *options, char **why)
{
    struct desk_link *link = xcalloc(1, sizeof(*link));

    link->base = base;
    link->options = *options;
    desk_child_init(&link->child);
    desk_child_init(&link->successor);
    link->next_drop_notice = 1;
    if (link->options.restart_delay_ms == 0)
        link->options.restart_delay_ms = DEFAULT_DELAY_MS;
    link_queue_init(&link->queue, options->max_bytes ? options->max_bytes : DEFAULT_MAX_BYTES);
    link->child_ended = evsignal_new(base, SIGCHLD, on_child, link);
    link->timer = evtimer_new(base, on_timer, link);
    link->flush = event_new(base, -1, 0, on_flush, link);
    link->batch_timer = evtimer_new(base, on_batch, link);
    buf_init(&link->batch, PIPE_MAX_FRAME - 1024);
    if (link->child_ended == NULL || link->timer == NULL || link->flush == NULL || link->batch_timer == NULL ||
        event_add(link->child_ended, NULL) != 0 ||
        !desk_child_start(&link->child, base, link->options.program, options->arguments, on_socket, link)) {
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
    struct buf *batch = &link->batch;
    size_t start = batch->len;

    if (link->state == LINK_ENDED || link->finishing)
        return;
    small.request_headers = small.response_headers = (struct headers){ 0 };
    small.request_body.bytes = small.response_body.bytes = (struct str){ 0 };
    buf_add_u32(batch, 0); /* the length, when it is known */
    exchange_write(batch, &small);
    if (buf_failed(batch) || batch->len - start > PIPE_MAX_FRAME / 4) {
        batch->len = start;
        batch->failed = false;
        return;
    }
    buf_set_u32(batch, start, (uint32_t)(batch->len - start - sizeof(uint32_t)));
    if (start == 0)
        event_add(link->batch_timer, &wait);
    link->batch_last = exchange->number;
    link->stats.bystanders++;
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
    if (link->successor.pid > 0 && !link->successor_ready)
        desk_child_kill(&link->successor);
    if (link->state == LINK_WAITING) {
        event_del(link->timer);
        start(link);
    }
    end_batch(link);
    pump(link);
}

/* Something that is no exchange, in its turn. */
static void
send_order(struct desk_link *link, enum pipe_type type, struct str text)
{
    struct buf payload, frame;

    if (link->state == LINK_ENDED || link->finishing)
        return;
    buf_init(&payload, PIPE_MAX_FRAME);
    buf_init(&frame, PIPE_MAX_FRAME);
    buf_add_u64(&payload, 0);
    buf_add_str(&payload, text);
    pipe_write(&frame, type, buf_str(&payload));
    if (!buf_failed(&payload) && !buf_failed(&frame))
        note_dropped(link, link_queue_add(&link->queue, 0, &frame));
    buf_release(&payload);
    buf_release(&frame);
    pump(link);
}

void
desk_link_reopen(struct desk_link *link)
{
    send_order(link, PIPE_REOPEN, STR(""));
}

void
desk_link_print(struct desk_link *link, struct str lines)
{
    send_order(link, PIPE_LINE, lines);
}

bool
desk_link_is_changing(const struct desk_link *link)
{
    return !link->was_ready || link->successor.pid > 0 || link->state == LINK_RETIRING;
}

bool
desk_link_replace(struct desk_link *link, char *const *arguments, void (*done)(void *data, bool is_ready), void *data)
{
    if (link->finishing || link->state == LINK_ENDED || desk_link_is_changing(link))
        return false;
    link->new_arguments = arguments;
    link->on_replaced = done;
    link->replaced_data = data;
    return desk_child_start(&link->successor, link->base, link->options.program, arguments, on_socket, link);
}

struct desk_link_stats
desk_link_stats(const struct desk_link *link)
{
    struct desk_link_stats stats = link->stats;

    stats.waiting = link->queue.count;
    stats.waiting_bytes = link->queue.bytes;
    stats.limit_bytes = link->queue.max_bytes;
    stats.handed_over = link->queue.unsent == NULL;
    return stats;
}

void
desk_link_free(struct desk_link *link)
{
    if (link == NULL)
        return;
    desk_child_kill(&link->child);
    desk_child_kill(&link->successor);
    if (link->child_ended != NULL)
        event_free(link->child_ended);
    if (link->timer != NULL)
        event_free(link->timer);
    if (link->flush != NULL)
        event_free(link->flush);
    if (link->batch_timer != NULL)
        event_free(link->batch_timer);
    buf_release(&link->batch);
    link_queue_release(&link->queue);
    free(link);
}

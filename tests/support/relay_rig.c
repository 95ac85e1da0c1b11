/* SPDX-License-Identifier: MIT */
#include "relay_rig.h"

#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void
on_exchange(void *data, const struct exchange *exchange)
{
    struct relay_rig *rig = data;
    struct buf bytes;
    struct exchange *copy;

    if (rig->told != NULL) {
        rig->told(rig->told_data, exchange);
        pthread_mutex_lock(&rig->lock);
        rig->told_count++;
        pthread_cond_broadcast(&rig->changed);
        pthread_mutex_unlock(&rig->lock);
        return;
    }
    buf_init(&bytes, 64 << 20);
    exchange_write(&bytes, exchange);
    pthread_mutex_lock(&rig->lock);
    copy = arena_alloc(rig->arena, sizeof *copy);
    if (copy == NULL || rig->exchange_count == COUNT_OF(rig->exchanges) ||
        !exchange_read(rig->arena, arena_copy(rig->arena, buf_str(&bytes)), copy))
        abort();
    rig->exchanges[rig->exchange_count++] = copy;
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
    buf_release(&bytes);
}

static void
on_drained(void *data)
{
    ((struct relay_rig *)data)->drained++;
}

static void
on_released(void *data)
{
    ((struct relay_rig *)data)->released++;
}

static void
adopt(struct relay_rig *rig)
{
    struct core_change *change;

    free(rig->why);
    rig->why = NULL;
    change = relay_prepare(rig->relay, rig->other, &rig->why);
    if (change != NULL)
        relay_adopt(rig->relay, change, rig->other->max_connections, on_released, rig);
}

/* Another thread asks for the counters, or for the end. */
static void
on_wake(evutil_socket_t fd, short what, void *data)
{
    struct relay_rig *rig = data;
    char order;

    (void)what;
    if (read(fd, &order, 1) != 1 || order == 'e') {
        event_base_loopbreak(rig->base);
        return;
    }
    if (order == 'a')
        adopt(rig);
    if (order == 'd')
        relay_drain(rig->relay, on_drained, rig);
    pthread_mutex_lock(&rig->lock);
    rig->stats = relay_stats(rig->relay);
    rig->answered++;
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
}

static void *
run(void *data)
{
    struct relay_rig *rig = data;
    struct event_base *base = event_base_new();
    struct event *wake = event_new(base, rig->wake[0], EV_READ | EV_PERSIST, on_wake, rig);
    char *why = NULL;
    struct relay *relay = relay_new(base, &rig->options, &why);

    rig->base = base;
    rig->relay = relay;
    if (relay == NULL) {
        fprintf(stderr, "relay_new: %s\n", why);
        abort();
    }
    event_add(wake, NULL);
    pthread_mutex_lock(&rig->lock);
    rig->port = relay_port(relay, 0);
    rig->second_port = rig->options.way_count > 1 ? relay_port(relay, 1) : 0;
    pthread_cond_broadcast(&rig->changed);
    pthread_mutex_unlock(&rig->lock);
    event_base_dispatch(base);
    rig->stats = relay_stats(relay);
    relay_free(relay);
    event_free(wake);
    event_base_free(base);
    return NULL;
}

static X509 *
root_of(const struct ca *ca)
{
    struct buf pem;
    BIO *bio;
    X509 *root;

    buf_init(&pem, 65536);
    if (!ca_certificate_pem(ca, &pem))
        abort();
    bio = BIO_new_mem_buf(pem.bytes, (int)pem.len);
    root = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    buf_release(&pem);
    return root;
}

void
rig_init(struct relay_rig *rig)
{
    const struct ca_options options = { .name = "samltap test", .days = 2, .now_s = time(NULL) };
    const char *why;

    signal(SIGPIPE, SIG_IGN); /* as the program has it: peers that leave are everyday */
    *rig = (struct relay_rig){ .options = { .ways = { { .listen_host = "127.0.0.1" } } } };
    rig->ca = ca_create(&options, &why);
    rig->root = root_of(rig->ca);
    rig->arena = arena_new(512 << 20);
    pthread_mutex_init(&rig->lock, NULL);
    pthread_cond_init(&rig->changed, NULL);
}

void
rig_start(struct relay_rig *rig)
{
    rig->options.ca = rig->ca;
    rig->options.on_exchange = on_exchange;
    rig->options.data = rig;
    if (pipe(rig->wake) != 0 || pthread_create(&rig->thread, NULL, run, rig) != 0)
        abort();
    rig->is_running = true;
    pthread_mutex_lock(&rig->lock);
    while (rig->port == 0)
        pthread_cond_wait(&rig->changed, &rig->lock);
    pthread_mutex_unlock(&rig->lock);
}

/* With the lock held. */
static void
wait_for(struct relay_rig *rig, const size_t *counter, size_t count)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    while (*counter < count)
        if (pthread_cond_timedwait(&rig->changed, &rig->lock, &until) != 0)
            break;
}

void
rig_wait_told(struct relay_rig *rig, size_t count)
{
    pthread_mutex_lock(&rig->lock);
    wait_for(rig, &rig->told_count, count);
    pthread_mutex_unlock(&rig->lock);
    if (rig->told_count < count) {
        fprintf(stderr, "only %zu of %zu exchanges were told\n", rig->told_count, count);
        abort();
    }
}

const struct exchange *
rig_wait(struct relay_rig *rig, size_t count)
{
    const struct exchange *exchange;

    pthread_mutex_lock(&rig->lock);
    wait_for(rig, &rig->exchange_count, count);
    exchange = rig->exchange_count >= count ? rig->exchanges[count - 1] : NULL;
    pthread_mutex_unlock(&rig->lock);
    if (exchange == NULL) {
        fprintf(stderr, "only %zu of %zu exchanges were told\n", rig->exchange_count, count);
        abort();
    }
    return exchange;
}

static struct relay_stats
ask(struct relay_rig *rig, const char *order)
{
    struct relay_stats stats;

    if (write(rig->wake[1], order, 1) != 1)
        abort();
    pthread_mutex_lock(&rig->lock);
    rig->asked++;
    wait_for(rig, &rig->answered, rig->asked);
    stats = rig->stats;
    pthread_mutex_unlock(&rig->lock);
    return stats;
}

struct relay_stats
rig_stats(struct relay_rig *rig)
{
    return ask(rig, "s");
}

bool
rig_adopt(struct relay_rig *rig, const struct relay_options *options)
{
    rig->other = options;
    ask(rig, "a");
    return rig->why == NULL;
}

void
rig_drain(struct relay_rig *rig)
{
    ask(rig, "d");
}

struct relay_stats
rig_wait_closed(struct relay_rig *rig)
{
    time_t until = time(NULL) + 20;
    struct relay_stats stats;

    do
        stats = rig_stats(rig);
    while (stats.open > 0 && time(NULL) < until);
    if (stats.open > 0) {
        fprintf(stderr, "%llu connections are still open\n", (unsigned long long)stats.open);
        abort();
    }
    return stats;
}

void
rig_stop(struct relay_rig *rig)
{
    if (!rig->is_running)
        return;
    if (write(rig->wake[1], "e", 1) != 1)
        abort();
    pthread_join(rig->thread, NULL);
    close(rig->wake[0]);
    close(rig->wake[1]);
    rig->is_running = false;
}

void
rig_release(struct relay_rig *rig)
{
    rig_stop(rig);
    free(rig->why);
    arena_free(rig->arena);
    X509_free(rig->root);
    ca_free(rig->ca);
    pthread_mutex_destroy(&rig->lock);
    pthread_cond_destroy(&rig->changed);
}

/* SPDX-License-Identifier: MIT */
#include "resolve.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "memory.h"

enum { MAX_THREADS = 8, MAX_QUERIES = 1024, MAX_NAME = 255, THREAD_STACK = 256 * 1024 };

struct resolve_query {
    struct resolve_query *next;
    void (*done)(void *data, int error, struct addrinfo *addresses); /* NULL: cancelled; loop's thread only */
    void *data;
    int error;
    struct addrinfo *addresses;
    char host[MAX_NAME + 1];
    char port[8];
};

struct list {
    struct resolve_query *first, **last;
};

/* Shared by the loop and the threads; goes with the last of them. */
struct shared {
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct list waiting, finished;
    unsigned threads, idle, queued; /* queued: in waiting */
    unsigned users;                 /* threads and the loop */
    bool ended;
    int wake; /* eventfd */
};

struct resolver {
    struct shared *shared;
    struct event *event;
    unsigned queries; /* started and not reported */
};

static void
list_add(struct list *list, struct resolve_query *query)
{
    query->next = NULL;
    *list->last = query;
    list->last = &query->next;
}

static struct resolve_query *
list_take(struct list *list)
{
    struct resolve_query *query = list->first;

    if (query != NULL && (list->first = query->next) == NULL)
        list->last = &list->first;
    return query;
}

static void
query_free(struct resolve_query *query)
{
    if (query->addresses != NULL)
        freeaddrinfo(query->addresses);
    free(query);
}

/* Drops one user; call with the lock held, it is released. */
static void
leave(struct shared *shared)
{
    bool last = --shared->users == 0;
    struct resolve_query *query;

    pthread_mutex_unlock(&shared->lock);
    if (!last)
        return;
    while ((query = list_take(&shared->waiting)) != NULL || (query = list_take(&shared->finished)) != NULL)
        query_free(query);
    close(shared->wake);
    pthread_cond_destroy(&shared->work);
    pthread_mutex_destroy(&shared->lock);
    free(shared);
}

static void *
work(void *data)
{
    struct shared *shared = data;
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV };
    struct resolve_query *query;
    const uint64_t one = 1;

    pthread_mutex_lock(&shared->lock);
    while (!shared->ended) {
        query = list_take(&shared->waiting);
        if (query == NULL) {
            shared->idle++;
            pthread_cond_wait(&shared->work, &shared->lock);
            shared->idle--;
            continue;
        }
        shared->queued--;
        pthread_mutex_unlock(&shared->lock);
        query->error = getaddrinfo(query->host, query->port, &hints, &query->addresses);
        pthread_mutex_lock(&shared->lock);
        list_add(&shared->finished, query);
        if (write(shared->wake, &one, sizeof one) < 0)
            continue; /* cannot be full: the loop takes the whole count each time */
    }
    leave(shared);
    return NULL;
}

static void
on_finished(evutil_socket_t fd, short what, void *data)
{
    struct resolver *resolver = data;
    uint64_t count;
    struct resolve_query *query;

    (void)what;
    if (read(fd, &count, sizeof count) < 0)
        return;
    for (;;) {
        struct addrinfo *addresses;

        pthread_mutex_lock(&resolver->shared->lock);
        query = list_take(&resolver->shared->finished);
        pthread_mutex_unlock(&resolver->shared->lock);
        if (query == NULL)
            return;
        resolver->queries--;
        if (resolver->queries == 0)
            event_del(resolver->event); /* an idle resolver does not keep the loop alive */
        addresses = query->addresses;
        if (query->done != NULL) {
            query->addresses = NULL;
            query->done(query->data, query->error, addresses);
        }
        query_free(query);
    }
}

struct resolver *
resolver_new(struct event_base *base)
{
    struct resolver *resolver = xcalloc(1, sizeof *resolver);
    struct shared *shared = xcalloc(1, sizeof *shared);

    shared->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (shared->wake < 0) {
        free(shared);
        free(resolver);
        return NULL;
    }
    pthread_mutex_init(&shared->lock, NULL);
    pthread_cond_init(&shared->work, NULL);
    shared->waiting.last = &shared->waiting.first;
    shared->finished.last = &shared->finished.first;
    shared->users = 1;
    resolver->shared = shared;
    resolver->event = event_new(base, shared->wake, EV_READ | EV_PERSIST, on_finished, resolver);
    return resolver;
}

void
resolver_free(struct resolver *resolver)
{
    if (resolver == NULL)
        return;
    event_free(resolver->event);
    pthread_mutex_lock(&resolver->shared->lock);
    resolver->shared->ended = true;
    pthread_cond_broadcast(&resolver->shared->work);
    leave(resolver->shared);
    free(resolver);
}

/* With the lock held. Signals are the loop's business: the thread gets none. */
static void
add_thread(struct shared *shared)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    pthread_t thread;

    if (shared->idle > shared->queued || shared->threads == MAX_THREADS)
        return;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, THREAD_STACK);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, &attributes, work, shared) == 0) {
        shared->threads++;
        shared->users++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

struct resolve_query *
resolve_start(struct resolver *resolver, struct str host, unsigned port,
              void (*done)(void *data, int error, struct addrinfo *addresses), void *data)
{
    struct shared *shared = resolver->shared;
    struct resolve_query *query;
    bool served;

    if (host.len == 0 || host.len > MAX_NAME || resolver->queries >= MAX_QUERIES)
        return NULL;
    query = xcalloc(1, sizeof *query);
    memcpy(query->host, host.ptr, host.len);
    snprintf(query->port, sizeof query->port, "%u", port);
    query->done = done;
    query->data = data;
    pthread_mutex_lock(&shared->lock);
    add_thread(shared);
    served = shared->threads > 0;
    if (served) {
        list_add(&shared->waiting, query);
        shared->queued++;
        pthread_cond_signal(&shared->work);
    }
    pthread_mutex_unlock(&shared->lock);
    if (!served) {
        free(query);
        return NULL;
    }
    if (resolver->queries++ == 0)
        event_add(resolver->event, NULL);
    return query;
}

void
resolve_cancel(struct resolve_query *query)
{
    if (query != NULL)
        query->done = NULL;
}

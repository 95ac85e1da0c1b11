/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_RELAY_RIG_H
#define SAMLTAP_TESTS_RELAY_RIG_H

#include <openssl/x509.h>
#include <pthread.h>

#include "exchange.h"
#include "relay.h"

/* A relay with its own loop in a thread, and the exchanges that it told, in order. */
struct relay_rig {
    struct relay_options options; /* filled in before rig_start(), but for ca, on_exchange and data */
    unsigned port, second_port;   /* of the first two ways */
    X509 *root;                   /* the interception CA */
    struct relay_stats stats;     /* as of rig_stop() or rig_stats() */

    struct ca *ca;
    pthread_t thread;
    int wake[2];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct arena *arena; /* of the exchanges */
    struct exchange *exchanges[256];
    size_t exchange_count;
    bool is_running;
    struct relay *relay; /* for the relay's thread */
    struct event_base *base;
    size_t asked, answered;            /* rig_stats() */
    size_t drained;                    /* how often the relay said that it is */
    const struct relay_options *other; /* rig_adopt() */
    char *why;
    size_t released; /* settings that nothing uses any more */

    /* Not NULL: gets every exchange in the relay's thread, and nothing is kept for rig_wait(). */
    void (*told)(void *data, const struct exchange *exchange);
    void *told_data;
    size_t told_count;
};

void rig_init(struct relay_rig *rig);
void rig_start(struct relay_rig *rig);

/* Waits until at least count exchanges were told. Gives the last of them (index count - 1). */
const struct exchange *rig_wait(struct relay_rig *rig, size_t count);

/* The same for told: waits until it has got count of them. */
void rig_wait_told(struct relay_rig *rig, size_t count);

/* What the relay has counted by now. */
struct relay_stats rig_stats(struct relay_rig *rig);

/* The same when no connection is open any more. */
struct relay_stats rig_wait_closed(struct relay_rig *rig);

/* Puts other settings in force. False and rig->why when they cannot be. */
bool rig_adopt(struct relay_rig *rig, const struct relay_options *options);

/* Makes the relay drain, and waits until it has begun to. */
void rig_drain(struct relay_rig *rig);

/* Ends the relay at once; exchanges stay readable. */
void rig_stop(struct relay_rig *rig);
void rig_release(struct relay_rig *rig);

#endif

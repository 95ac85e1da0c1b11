/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LIVE_END_H
#define SAMLTAP_LIVE_END_H

struct live;

/* What SIGINT and SIGTERM do: the first asks for an orderly end, the second for one at once. */
void live_interrupt(struct live *live);

/*
 * Begins the end: no new connections; idle ones are closed, the others get --drain-timeout; then the desk examines what
 * is queued. The code that live_run returns is the desk's unless this one is worse (not EXIT_PASS).
 */
void live_stop(struct live *live, int code);

/* The desk is gone, and its exit code is this. */
void live_desk_ended(struct live *live, int code);

/* The timer of the state that the end is in. */
void live_end_deadline(struct live *live);

#endif

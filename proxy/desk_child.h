/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_DESK_CHILD_H
#define SAMLTAP_DESK_CHILD_H

#include <event2/event.h>
#include <sys/types.h>

#include "pipe.h"

/* One desk process and our end of its pipe. Embedded; desk_child_init() makes one that is not there. */
struct desk_child {
    pid_t pid;  /* 0: no process */
    int socket; /* -1: none */
    struct event *readable, *writable;
    struct buf in;
};

/* What the child ends with when the program cannot be executed. */
enum { DESK_CANNOT_EXECUTE = 127 };

void desk_child_init(struct desk_child *child);

/*
 * Starts program (NULL: this one once more); the pipe is its descriptor 3. callback gets (socket, EV_READ or EV_WRITE, data); reading is watched.
 * SIGHUP, SIGUSR1 and SIGUSR2 are nothing to the child: they are meant for us, and go to whole process groups.
 * False with errno when there can be no child.
 */
bool desk_child_start(struct desk_child *child, struct event_base *base, const char *program, char *const *arguments,
                      event_callback_fn callback, void *data);

/*
 * Reads what is there and gives it, frame by frame; payload is borrowed for the call. Returns false at the end of the
 * stream. A child that sends something else is killed.
 */
bool desk_child_read(struct desk_child *child, void (*take)(void *data, enum pipe_type type, struct str payload),
                     void *data);

/* Closes our end. The process is not touched. */
void desk_child_close(struct desk_child *child);

/* Kills the process, waits for its end, and closes. */
void desk_child_kill(struct desk_child *child);

#endif

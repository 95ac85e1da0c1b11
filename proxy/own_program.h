/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OWN_PROGRAM_H
#define SAMLTAP_OWN_PROGRAM_H

/*
 * Becomes this program once more, with other arguments: the desk and the lab's browser are that.
 * arguments: as for execv, NULL-terminated. It goes by the program's path, which tools that run it
 * (valgrind, qemu) see through, and by /proc/self/exe where that path holds this program no more,
 * so that an update on disk does not mix versions. Returns only when it failed, with errno; safe
 * between fork and exec.
 */
void own_program_run(char *const arguments[]);

#endif

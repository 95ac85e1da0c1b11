/* SPDX-License-Identifier: MIT */
#include "hardening.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDER_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDER_SANITIZER 1
#endif
#ifndef UNDER_SANITIZER
#define UNDER_SANITIZER 0
#endif

bool
hardening_forbid_dumps(void)
{
    const struct rlimit no_core = { 0, 0 };
    bool done = setrlimit(RLIMIT_CORE, &no_core) == 0;

    /* LeakSanitizer traces its own process, so only real builds forbid that. */
    return (UNDER_SANITIZER || prctl(PR_SET_DUMPABLE, 0) == 0) && done;
}

bool
hardening_confine_child(void)
{
    const rlim_t address_space = (rlim_t)2 * 1024 * 1024 * 1024;
    const struct rlimit memory = { address_space, address_space };
    bool done = UNDER_SANITIZER || setrlimit(RLIMIT_AS, &memory) == 0;

    done = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && done;
    return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && done;
}

bool
hardening_give_way(void)
{
    const struct sched_param none = { 0 };
    bool done;

    errno = 0;
    done = nice(10) != -1 || errno == 0;
    /* A task of this kind does not take the processor from another by waking up. */
    return sched_setscheduler(0, SCHED_BATCH, &none) == 0 && done;
}

/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_FUZZ_ALL_H
#define SAMLTAP_TESTS_FUZZ_ALL_H

#include "fuzz.h"

/* Every target that the build found, ended by NULL. Included once a program. */
#define FUZZ_LIST_ENTRY(target) extern const struct fuzz_target fuzz_target_##target;
#include "fuzz_list.h"
#undef FUZZ_LIST_ENTRY

#define FUZZ_LIST_ENTRY(target) &fuzz_target_##target,
static const struct fuzz_target *const fuzz_targets[] = {
#include "fuzz_list.h"
    NULL,
};
#undef FUZZ_LIST_ENTRY

#endif

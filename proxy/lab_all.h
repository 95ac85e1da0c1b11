/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_ALL_H
#define SAMLTAP_LAB_ALL_H

#include "options.h"

/*
 * The self-test: a good sign-in and every fault of the lab, each through a proxy of its own, and a
 * table of what samltap was to name first and what it named. Returns EXIT_FAIL when one differs.
 */
int lab_all(const struct options *options);

#endif

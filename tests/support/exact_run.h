/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_EXACT_RUN_H
#define SAMLTAP_TESTS_EXACT_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* UPSTREAM…: out through another proxy. …_PLAIN: without TLS between client and server. */
enum exact_mode {
    PLAIN,
    REGULAR,
    REVERSE,
    SOCKS5,
    UPSTREAM,
    UPSTREAM_TLS,
    UPSTREAM_PLAIN,
    TRANSPARENT,
    TRANSPARENT_PLAIN
};

/*
 * Random requests and answers through a relay in this mode: they arrive bit for bit, and what is told of them is
 * what was sent. small of them have bodies of up to 70 kB, big ones up to big_body bytes. SOAK=N in the environment
 * takes N times as many small ones, and bodies up to 64 MiB. What differs fails the test.
 */
void exact_run(enum exact_mode mode, bool over_http2, uint32_t small, uint32_t big, size_t big_body);

#endif

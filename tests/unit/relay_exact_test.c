/* SPDX-License-Identifier: MIT */
/* What goes through arrives bit for bit, in every mode. */
#include "exact_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
plain_is_exact(void **state)
{
    (void)state;
    exact_run(PLAIN, false, 2000, 8, 4 << 20);
}

static void
regular_is_exact(void **state)
{
    (void)state;
    exact_run(REGULAR, false, 2500, 8, 4 << 20);
}

static void
reverse_is_exact(void **state)
{
    (void)state;
    exact_run(REVERSE, false, 1500, 4, 4 << 20);
}

static void
socks_is_exact(void **state)
{
    (void)state;
    exact_run(SOCKS5, false, 1500, 4, 4 << 20);
}

static void
upstream_is_exact(void **state)
{
    (void)state;
    exact_run(UPSTREAM, false, 1500, 4, 4 << 20);
}

static void
upstream_by_tls_is_exact(void **state)
{
    (void)state;
    exact_run(UPSTREAM_TLS, false, 1000, 4, 4 << 20);
}

static void
upstream_by_tls_is_exact_over_http2(void **state)
{
    (void)state;
    exact_run(UPSTREAM_TLS, true, 500, 2, 4 << 20);
}

static void
upstream_plain_is_exact(void **state)
{
    (void)state;
    exact_run(UPSTREAM_PLAIN, false, 800, 4, 4 << 20);
}

static void
transparent_is_exact(void **state)
{
    (void)state;
    exact_run(TRANSPARENT, false, 1000, 4, 4 << 20);
}

static void
transparent_plain_is_exact(void **state)
{
    (void)state;
    exact_run(TRANSPARENT_PLAIN, false, 800, 4, 4 << 20);
}

static void
transparent_is_exact_over_http2(void **state)
{
    (void)state;
    exact_run(TRANSPARENT, true, 500, 2, 4 << 20);
}

static void
regular_is_exact_over_http2(void **state)
{
    (void)state;
    exact_run(REGULAR, true, 1500, 8, 4 << 20);
}

static void
reverse_is_exact_over_http2(void **state)
{
    (void)state;
    exact_run(REVERSE, true, 500, 2, 4 << 20);
}

static void
socks_is_exact_over_http2(void **state)
{
    (void)state;
    exact_run(SOCKS5, true, 500, 2, 4 << 20);
}

static void
upstream_is_exact_over_http2(void **state)
{
    (void)state;
    exact_run(UPSTREAM, true, 500, 2, 4 << 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_is_exact),
        cmocka_unit_test(regular_is_exact),
        cmocka_unit_test(reverse_is_exact),
        cmocka_unit_test(socks_is_exact),
        cmocka_unit_test(upstream_is_exact),
        cmocka_unit_test(upstream_by_tls_is_exact),
        cmocka_unit_test(upstream_plain_is_exact),
        cmocka_unit_test(transparent_is_exact),
        cmocka_unit_test(transparent_plain_is_exact),
        cmocka_unit_test(regular_is_exact_over_http2),
        cmocka_unit_test(reverse_is_exact_over_http2),
        cmocka_unit_test(socks_is_exact_over_http2),
        cmocka_unit_test(upstream_is_exact_over_http2),
        cmocka_unit_test(upstream_by_tls_is_exact_over_http2),
        cmocka_unit_test(transparent_is_exact_over_http2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

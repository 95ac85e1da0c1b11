/* SPDX-License-Identifier: MIT */
#include "proxy_mode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
modes_are_read(void **state)
{
    static const struct {
        const char *text;
        enum relay_mode mode;
        const char *host;
        unsigned port;
    } rows[] = {
        { "regular", RELAY_REGULAR, "", 0 },
        { "socks5", RELAY_SOCKS5, "", 0 },
        { "reverse:https://ACS.example.com", RELAY_REVERSE, "acs.example.com", 443 },
        { "reverse:https://acs.example.com:8443/", RELAY_REVERSE, "acs.example.com", 8443 },
        { "reverse:https://[2001:DB8::1]:8443", RELAY_REVERSE, "2001:db8::1", 8443 },
        { "reverse:https://[::1]", RELAY_REVERSE, "::1", 443 },
    };
    struct proxy_mode mode;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(proxy_mode_parse(str_from(rows[i].text), &mode));
        assert_int_equal(mode.mode, rows[i].mode);
        assert_string_equal(mode.host, rows[i].host);
        assert_int_equal(mode.port, rows[i].port);
    }
}

static void
what_is_no_mode_is_refused(void **state)
{
    static const char *const texts[] = { "",
                                         "Regular",
                                         "reverse",
                                         "reverse:https://",
                                         "reverse:http://sp.test",
                                         "reverse:https://sp.test:0",
                                         "reverse:https://sp.test:65536",
                                         "reverse:https://sp.test:",
                                         "reverse:https://sp.test/path",
                                         "reverse:https://u@sp.test",
                                         "reverse:https://::1",
                                         "reverse:https://[::1",
                                         "reverse:https://[::1]8443",
                                         "reverse:https://sp .test" };
    struct proxy_mode mode;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (proxy_mode_parse(str_from(texts[i]), &mode))
            fail_msg("%s was taken", texts[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_are_read),
        cmocka_unit_test(what_is_no_mode_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

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
        { "transparent", RELAY_TRANSPARENT, "", 0 },
        { "reverse:https://ACS.example.com", RELAY_REVERSE, "acs.example.com", 443 },
        { "reverse:https://acs.example.com:8443/", RELAY_REVERSE, "acs.example.com", 8443 },
        { "reverse:https://[2001:DB8::1]:8443", RELAY_REVERSE, "2001:db8::1", 8443 },
        { "reverse:https://[::1]", RELAY_REVERSE, "::1", 443 },
        { "upstream:http://Proxy.example.com:8080", RELAY_REGULAR, "proxy.example.com", 8080 },
        { "upstream:http://[2001:db8::1]:8080/", RELAY_REGULAR, "2001:db8::1", 8080 },
        { "upstream:https://Proxy.example.com:3129", RELAY_REGULAR, "proxy.example.com", 3129 },
        { "upstream:https://proxy.example.com/", RELAY_REGULAR, "proxy.example.com", 443 },
        { "upstream:proxy.example.com", RELAY_REGULAR, "proxy.example.com", 3128 },
    };
    struct proxy_mode mode;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_null(proxy_mode_parse(str_from(rows[i].text), &mode));
        assert_int_equal(mode.mode, rows[i].mode);
        assert_string_equal(mode.host, rows[i].host);
        assert_int_equal(mode.port, rows[i].port);
        assert_int_equal(mode.has_next_proxy, str_starts_c(str_from(rows[i].text), "upstream:"));
    }
}

static void
listening_address_is_read(void **state)
{
    static const struct {
        const char *text;
        const char *host;
        unsigned port;
    } rows[] = {
        { "socks5@1080", "", 1080 },
        { "upstream:http://proxy.example.com:3128@127.0.0.1:8081", "127.0.0.1", 8081 },
        { "regular@0.0.0.0:3128", "0.0.0.0", 3128 },
        { "reverse:https://acs.example.com:444@[::1]:8443", "::1", 8443 },
    };
    struct proxy_mode mode;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_null(proxy_mode_parse(str_from(rows[i].text), &mode));
        assert_true(mode.has_listen_port);
        assert_string_equal(mode.listen_host, rows[i].host);
        assert_int_equal(mode.listen_port, rows[i].port);
    }
    assert_null(proxy_mode_parse(STR("transparent:tproxy@[::]:8081"), &mode));
    assert_true(mode.mode == RELAY_TRANSPARENT && mode.tproxy && mode.listen_port == 8081);
    assert_non_null(proxy_mode_parse(STR("transparent:nonsense"), &mode));
    assert_null(proxy_mode_parse(STR("socks5"), &mode));
    assert_false(mode.tproxy);
    assert_false(mode.has_listen_port);
}

/* To go out directly instead would be worse than to refuse. */
static void
what_cannot_be_done_is_explained(void **state)
{
    static const char *const rows[][2] = {
        { "upstream:http://wpad.example.com/proxy.pac", "A PAC file is a script" },
        { "upstream:https://wpad.example.com/proxy.pac", "A PAC file is a script" },
        { "upstream:https://jdoe:secret@proxy.example.com:3129", "--upstream-auth FILE" },
        { "upstream:http://jdoe:secret@proxy.example.com:3128", "--upstream-auth FILE" },
        { "upstream:http://jdoe@proxy.example.com", "--upstream-auth FILE" },
        { "upstream:http://jdoe:secret@192.0.2.1:3128", "--upstream-auth FILE" },
        { "upstream:socks5://proxy.example.com", "upstream:http://HOST" },
        { "upstream:https://", "upstream:http://HOST" },
        { "upstream:http://", "upstream:http://HOST" },
        { "upstream:http://proxy.example.com/path", "upstream:http://HOST" },
        { "reverse:https://b\xc3\xbc"
          "cher.example",
          "xn--" },
    };
    struct proxy_mode mode;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *accepted = proxy_mode_parse(str_from(rows[i][0]), &mode);

        assert_non_null(accepted);
        if (str_find_c(str_from(accepted), rows[i][1]) == SIZE_MAX)
            fail_msg("%s: %s", rows[i][0], accepted);
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
                                         "regular@",
                                         "regular@65536",
                                         "regular@host",
                                         "regular@host:",
                                         "regular@[::1]",
                                         "@8080",
                                         "upstream:http://",
                                         "reverse:https://sp .test" };
    struct proxy_mode mode;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (proxy_mode_parse(str_from(texts[i]), &mode) == NULL)
            fail_msg("%s was taken", texts[i]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes_are_read),
        cmocka_unit_test(listening_address_is_read),
        cmocka_unit_test(what_cannot_be_done_is_explained),
        cmocka_unit_test(what_is_no_mode_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "scope.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct scope *
scope_of(const char *const *allow, size_t allow_count, const char *const *ignore, size_t ignore_count)
{
    struct relay_options options = {
        .allow_hosts = allow, .allow_host_count = allow_count, .ignore_hosts = ignore, .ignore_host_count = ignore_count
    };
    char *why = NULL;
    struct scope *scope = scope_new(&options, &why);

    assert_non_null(scope);
    return scope;
}

static bool
opens(const struct scope *scope, const char *host, unsigned port)
{
    const char *reason = NULL;
    enum tunnel_cause cause;
    enum scope_decision decision = scope_decide(scope, str_from(host), port, &cause, &reason);

    assert_non_null(reason);
    assert_int_equal(decision == SCOPE_TUNNEL, *reason != '\0');
    return decision == SCOPE_INTERCEPT;
}

static void
everything_is_opened_but_the_bypass_list(void **state)
{
    struct scope *scope = scope_of(NULL, 0, NULL, 0);
    const char *reason;
    enum tunnel_cause cause;

    (void)state;
    assert_true(opens(scope, "signin.aws.amazon.com", 443));
    assert_true(opens(scope, "login.microsoftonline.com", 443));
    assert_true(opens(scope, "example.okta.com", 443));
    assert_true(opens(scope, "127.0.0.1", 8443));
    assert_false(opens(scope, "certauth.login.microsoftonline.com", 443));
    assert_false(opens(scope, "t123.certauth.login.microsoftonline.com", 443));
    assert_false(opens(scope, "certauth.adfs.example.com", 49443));
    assert_false(opens(scope, "example.mtls.okta.com", 443));
    assert_false(opens(scope, "fs.example.com", 49443)); /* AD FS, where it has no name of its own for that */
    assert_true(opens(scope, "fs.example.com", 4944));
    assert_false(opens(scope, "device.login.partner.microsoftonline.cn", 443));
    assert_false(opens(scope, "storage.mtls.googleapis.com", 443));
    assert_false(opens(scope, "mdmenrollment.apple.com", 443));
    assert_true(opens(scope, "device.login.microsoftonline.com.example.net", 443));
    assert_true(opens(scope, "notcertauth.example.com", 443));
    assert_true(scope_is_excluded(scope, STR("device.login.microsoftonline.com"), 443, &cause, &reason));
    assert_int_equal(cause, TUNNEL_BYPASS_LIST);
    assert_non_null(strstr(reason, "certificate"));
    assert_false(scope_is_excluded(scope, STR("example.com"), 443, &cause, &reason));
    scope_free(scope);
}

static void
the_users_word_goes_first(void **state)
{
    static const char *const allow[] = { "^(.*\\.)?example\\.com:443$", "device\\.login" };
    static const char *const ignore[] = { "^secret\\.example\\.com:" };
    struct scope *scope = scope_of(allow, COUNT_OF(allow), ignore, COUNT_OF(ignore));
    const char *reason;
    enum tunnel_cause cause;

    (void)state;
    assert_true(opens(scope, "www.example.com", 443));
    assert_false(opens(scope, "www.example.com", 8443));
    assert_false(opens(scope, "example.net", 443));
    assert_false(opens(scope, "secret.example.com", 443));
    assert_true(opens(scope, "device.login.microsoftonline.com", 443)); /* asked for by name */
    assert_true(scope_is_excluded(scope, STR("secret.example.com"), 443, &cause, &reason));
    assert_int_equal(cause, TUNNEL_IGNORE_HOSTS);
    assert_int_equal(scope_decide(scope, STR("example.net"), 443, &cause, &reason), SCOPE_TUNNEL);
    assert_int_equal(cause, TUNNEL_ALLOW_HOSTS);
    assert_false(scope_is_excluded(scope, STR("example.net"), 443, &cause, &reason)); /* TLS may name another host */
    scope_free(scope);
}

static void
expressions_ignore_case(void **state)
{
    static const char *const ignore[] = { "^Example\\.COM" };
    struct scope *scope = scope_of(NULL, 0, ignore, COUNT_OF(ignore));

    (void)state;
    assert_false(opens(scope, "example.com", 443));
    scope_free(scope);
}

static void
broken_expression_is_named(void **state)
{
    static const char *const broken[] = { "fine", "a(b" };
    struct relay_options options = { .ignore_hosts = broken, .ignore_host_count = COUNT_OF(broken) };
    char *why = NULL;

    (void)state;
    assert_null(scope_new(&options, &why));
    assert_non_null(strstr(why, "--ignore-hosts 'a(b'"));
    free(why);
}

static void
every_bypass_has_a_reason(void **state)
{
    const struct scope_bypass *bypass;
    size_t i;

    (void)state;
    for (i = 0; (bypass = scope_bypass_at(i)) != NULL; i++) {
        assert_non_null(strstr(bypass->pattern, "."));
        assert_true(strlen(bypass->reason) > 20);
    }
    assert_true(i > 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_opened_but_the_bypass_list),
        cmocka_unit_test(the_users_word_goes_first),
        cmocka_unit_test(expressions_ignore_case),
        cmocka_unit_test(broken_expression_is_named),
        cmocka_unit_test(every_bypass_has_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

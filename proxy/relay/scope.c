/* SPDX-License-Identifier: MIT */
#include "scope.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"

enum { MAX_HOST_PORT = 300 };

/*
 * Hosts where the client proves who it is inside TLS (a certificate of the device or the user), or that
 * accept only their own certificate. Nothing that carries SAML is here.
 */
static const struct scope_bypass bypass[] = {
    { "(.*\\.)?certauth\\.login\\.(microsoftonline\\.(com|us)|partner\\.microsoftonline\\.cn)", NULL,
      "Microsoft Entra certificate-based sign-in: the browser must show its own certificate" },
    { "device\\.login\\.(microsoftonline\\.(com|us)|partner\\.microsoftonline\\.cn)", NULL,
      "Microsoft Entra device sign-in: the device must show its own certificate" },
    { "enterpriseregistration\\.(windows\\.net|microsoftonline\\.us|partner\\.microsoftonline\\.cn)", NULL,
      "Microsoft Entra device registration: the device must show its own certificate" },
    { "certauth\\..*", NULL, "AD FS certificate sign-in: the browser must show its own certificate" },
    { ".*", "49443", "AD FS certificate sign-in (its port for that): the browser must show its own certificate" },
    { "(.*\\.)?mtls\\.(okta|oktapreview|okta-emea|okta-gov)\\.com", NULL,
      "Okta smart-card and device sign-in: the browser must show its own certificate" },
    { "(.*\\.)?mtls\\.googleapis\\.com", NULL,
      "Google's access by device certificate: the client must show its own certificate" },
    { "(gsa|identity|setup)\\.(apple|icloud)\\.com", NULL, "Apple accepts only its own certificate here" },
    { "(albert|deviceenrollment|iprofiles|mdmenrollment)\\.apple\\.com", NULL,
      "Apple accepts only its own certificate here" },
    { "(.*\\.)?push\\.apple\\.com", NULL, "Apple accepts only its own certificate here" },
};

struct scope {
    regex_t *allow, *ignore;
    size_t allow_count, ignore_count;
    regex_t bypass[COUNT_OF(bypass)];
    size_t bypass_count;
};

static bool
compile(const char *const *expressions, size_t count, const char *option, regex_t **out, size_t *out_count, char **why)
{
    if (count == 0)
        return true;
    *out = xcalloc(count, sizeof **out);
    for (size_t i = 0; i < count; i++) {
        int error = regcomp(&(*out)[i], expressions[i], REG_EXTENDED | REG_ICASE | REG_NOSUB);

        if (error != 0) {
            char text[200];

            regerror(error, &(*out)[i], text, sizeof text);
            *why = xprintf("%s '%s': %s (a POSIX extended regular expression on host:port is wanted)", option,
                           expressions[i], text);
            return false;
        }
        *out_count = i + 1;
    }
    return true;
}

struct scope *
scope_new(const struct relay_options *options, char **why)
{
    struct scope *scope = xcalloc(1, sizeof *scope);
    char anchored[200];

    *why = NULL;
    for (size_t i = 0; i < COUNT_OF(bypass); i++) {
        snprintf(anchored, sizeof anchored, "^(%s):%s", bypass[i].pattern,
                 bypass[i].port != NULL ? bypass[i].port : "[0-9]+");
        strncat(anchored, "$", sizeof anchored - strlen(anchored) - 1);
        if (regcomp(&scope->bypass[i], anchored, REG_EXTENDED | REG_NOSUB) != 0) {
            *why = xprintf("built-in expression '%s' cannot be used", bypass[i].pattern);
            goto fail;
        }
        scope->bypass_count = i + 1;
    }
    if (!compile(options->allow_hosts, options->allow_host_count, "--allow-hosts", &scope->allow, &scope->allow_count,
                 why) ||
        !compile(options->ignore_hosts, options->ignore_host_count, "--ignore-hosts", &scope->ignore,
                 &scope->ignore_count, why))
        goto fail;
    return scope;
fail:
    scope_free(scope);
    return NULL;
}

static void
free_expressions(regex_t *expressions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        regfree(&expressions[i]);
}

void
scope_free(struct scope *scope)
{
    if (scope == NULL)
        return;
    free_expressions(scope->allow, scope->allow_count);
    free_expressions(scope->ignore, scope->ignore_count);
    free_expressions(scope->bypass, scope->bypass_count);
    free(scope->allow);
    free(scope->ignore);
    free(scope);
}

static bool
matches(const regex_t *expressions, size_t count, const char *host_port, size_t *which)
{
    for (size_t i = 0; i < count; i++) {
        if (regexec(&expressions[i], host_port, 0, NULL, 0) == 0) {
            *which = i;
            return true;
        }
    }
    return false;
}

static void
format_host_port(char out[MAX_HOST_PORT], struct str host, unsigned port)
{
    if (host.len > 255)
        host.len = 255;
    snprintf(out, MAX_HOST_PORT, "%.*s:%u", STR_ARG(host), port);
}

enum scope_decision
scope_decide(const struct scope *scope, struct str host, unsigned port, enum tunnel_cause *cause, const char **reason)
{
    char host_port[MAX_HOST_PORT];
    size_t which;

    format_host_port(host_port, host, port);
    *cause = TUNNEL_IGNORE_HOSTS;
    *reason = "matches --ignore-hosts";
    if (matches(scope->ignore, scope->ignore_count, host_port, &which))
        return SCOPE_TUNNEL;
    if (scope->allow_count > 0) {
        bool is_allowed = matches(scope->allow, scope->allow_count, host_port, &which);

        *cause = TUNNEL_ALLOW_HOSTS;
        *reason = is_allowed ? "" : "does not match --allow-hosts";
        return is_allowed ? SCOPE_INTERCEPT : SCOPE_TUNNEL;
    }
    if (matches(scope->bypass, scope->bypass_count, host_port, &which)) {
        *cause = TUNNEL_BYPASS_LIST;
        *reason = bypass[which].reason;
        return SCOPE_TUNNEL;
    }
    *reason = "";
    return SCOPE_INTERCEPT;
}

bool
scope_is_excluded(const struct scope *scope, struct str host, unsigned port, enum tunnel_cause *cause,
                  const char **reason)
{
    char host_port[MAX_HOST_PORT];
    size_t which;

    format_host_port(host_port, host, port);
    *cause = TUNNEL_IGNORE_HOSTS;
    *reason = "matches --ignore-hosts";
    if (matches(scope->ignore, scope->ignore_count, host_port, &which))
        return true;
    if (scope->allow_count > 0 || !matches(scope->bypass, scope->bypass_count, host_port, &which))
        return false;
    *cause = TUNNEL_BYPASS_LIST;
    *reason = bypass[which].reason;
    return true;
}

bool
scope_is_named(const struct scope *scope, struct str host, unsigned port)
{
    char host_port[MAX_HOST_PORT];
    size_t which;

    format_host_port(host_port, host, port);
    return matches(scope->allow, scope->allow_count, host_port, &which);
}

const struct scope_bypass *
scope_bypass_at(size_t i)
{
    return i < COUNT_OF(bypass) ? &bypass[i] : NULL;
}

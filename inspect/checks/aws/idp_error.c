/* SPDX-License-Identifier: MIT */
#include "idp_error.h"

#include <string.h>

#include "answer.h"
#include "attributes.h"
#include "content_coding.h"
#include "vendor.h"

enum { PAGE_BYTES = 1024 * 1024, MAX_CODE_DIGITS = 8, SENTENCES = 4 };

static const struct code_rule {
    const char *prefix;
    const char *family;
    size_t min_digits;
} code_rules[] = {
    { .prefix = "AADSTS", .family = "entra", .min_digits = 4 },
    { .prefix = "MSIS", .family = "adfs", .min_digits = 4 },
};

static const struct pattern {
    const char *id;
    const char *family;
    const char *codes; /* space separated, without prefix */
    const char *sentences[SENTENCES];
} patterns[] = {
    { .id = "entra-50011", .family = "entra", .codes = "50011" },
    { .id = "entra-700016", .family = "entra", .codes = "700016" },
    { .id = "entra-650056", .family = "entra", .codes = "650056 65005" },
    { .id = "entra-50105", .family = "entra", .codes = "50105" },
    { .id = "entra-75011", .family = "entra", .codes = "75011" },
    { .id = "entra-75005", .family = "entra", .codes = "75005" },
    { .id = "entra-750054", .family = "entra", .codes = "750054" },
    { .id = "entra-75001-75003-75008-75016", .family = "entra", .codes = "75001 75003 75008 75016" },
    { .id = "entra-76021", .family = "entra", .codes = "76021" },
    { .id = "entra-76026", .family = "entra", .codes = "76026" },
    { .id = "entra-7500529", .family = "entra", .codes = "7500529" },
    { .id = "entra-501241", .family = "entra", .codes = "501241" },
    { .id = "entra-50003-50146", .family = "entra", .codes = "50003 50146" },
    { .id = "entra-50020-50034-51004", .family = "entra", .codes = "50020 50034 51004 90072 16000 16003" },
    { .id = "entra-50126-50055-50057-50053", .family = "entra", .codes = "50126 50055 50057 50053 50144" },
    { .id = "entra-conditional-access", .family = "entra", .codes = "53003 53000 53001 530032 50131 500212 500213" },
    { .id = "entra-mfa", .family = "entra", .codes = "50074 50076 50079 50072 50078 50158" },
    { .id = "entra-50058", .family = "entra", .codes = "50058" },
    { .id = "entra-tenant-cloud", .family = "entra", .codes = "90002 90038 50059 900439" },
    { .id = "entra-90015", .family = "entra", .codes = "90015" },
    { .id = "entra-50196", .family = "entra", .codes = "50196" },
    { .id = "entra-50010", .family = "entra", .codes = "50010" },
    { .id = "entra-50107", .family = "entra", .codes = "50107" },
    { .id = "entra-app-disabled", .family = "entra", .codes = "7000112 70001" },
    { .id = "tls-client-cert-lost", .family = "entra", .codes = "50192" },
    { .id = "adfs-msis7000", .family = "adfs", .codes = "7000" },
    { .id = "adfs-msis7007", .family = "adfs", .codes = "7007" },
    { .id = "adfs-msis7042", .family = "adfs", .codes = "7042" },
    { .id = "adfs-msis7046", .family = "adfs", .codes = "7046" },
    { .id = "adfs-msis7065", .family = "adfs", .codes = "7065" },
    { .id = "adfs-msis7070", .family = "adfs", .codes = "7070" },
    { .id = "adfs-msis7102", .family = "adfs", .codes = "7102" },
    { .id = "adfs-msis1016", .family = "adfs", .codes = "1016" },
    { .id = "adfs-msis5007", .family = "adfs", .codes = "5007" },
    { .id = "adfs-msis3126-3127", .family = "adfs", .codes = "3126 3127" },
    { .id = "adfs-idpinitiated-disabled", .family = "adfs", .codes = "7012" },
    { .id = "oidc-pkce-mismatch", .family = "entra", .codes = "501481" },
    { .id = "okta-app-not-assigned",
      .family = "okta",
      .codes = "",
      .sentences = { "you are not assigned this app", "App Not Assigned",
                     "User is not assigned to this application" } },
    { .id = "okta-policy-denied",
      .family = "okta",
      .codes = "",
      .sentences = { "You are not allowed to access this app" } },
    { .id = "okta-bad-saml-request", .family = "okta", .codes = "", .sentences = { "Bad SAML request" } },
    { .id = "google-app-not-configured-for-user",
      .family = "google",
      .codes = "",
      .sentences = { "app_not_configured_for_user" } },
    { .id = "google-app-not-enabled-for-user",
      .family = "google",
      .codes = "",
      .sentences = { "app_not_enabled_for_user" } },
    { .id = "google-app-not-configured", .family = "google", .codes = "", .sentences = { "app_not_configured" } },
    { .id = "keycloak-client-not-found",
      .family = "keycloak",
      .codes = "",
      .sentences = { "Client not found.", "Unknown login requester" } },
    { .id = "keycloak-invalid-requester", .family = "keycloak", .codes = "", .sentences = { "Invalid requester" } },
    { .id = "keycloak-invalid-redirect", .family = "keycloak", .codes = "", .sentences = { "Invalid redirect uri" } },
    { .id = "keycloak-disabled",
      .family = "keycloak",
      .codes = "",
      .sentences = { "Login requester not enabled", "Realm not enabled", "HTTPS required" } },
    { .id = "keycloak-nameid", .family = "keycloak", .codes = "", .sentences = { "Unsupported NameIDFormat" } },
    { .id = "keycloak-invalid-request", .family = "keycloak", .codes = "", .sentences = { "Invalid Request" } },
    { .id = "shibboleth-no-endpoint",
      .family = "shibboleth",
      .codes = "",
      .sentences = { "No peer endpoint available to which to send SAML response" } },
    { .id = "shibboleth-unknown-sp",
      .family = "shibboleth",
      .codes = "",
      .sentences = { "Unsupported Request", "Unsupported/Unknown Request", "Unknown or Unusable Identity Provider",
                     "profile is not configured" } },
    { .id = "shibboleth-replay",
      .family = "shibboleth",
      .codes = "",
      .sentences = { "Replay of message", "Rejecting replayed message", "MessageReplay" } },
    { .id = "shibboleth-stale",
      .family = "shibboleth",
      .codes = "",
      .sentences = { "issued too long ago", "Stale Request" } },
};

/* The digits of the first code of the rule in text, absent when there is none. */
static struct str
find_code(struct str text, const struct code_rule *rule)
{
    struct str rest = text;

    for (;;) {
        size_t at = str_find_c(rest, rule->prefix);
        size_t digits = 0;

        if (at == SIZE_MAX)
            return (struct str){ NULL, 0 };
        rest = str_from_offset(rest, at + strlen(rule->prefix));
        while (digits < rest.len && rest.ptr[digits] >= '0' && rest.ptr[digits] <= '9')
            digits++;
        if (digits >= rule->min_digits && digits <= MAX_CODE_DIGITS)
            return str_slice(rest, 0, digits);
    }
}

static bool
lists_code(const char *codes, struct str code)
{
    struct str rest = str_from(codes);
    struct str one;

    while (rest.len > 0) {
        str_cut(rest, ' ', &one, &rest);
        if (str_eq(one, code))
            return true;
    }
    return false;
}

static bool
holds_sentence(const struct pattern *pattern, struct str text, struct str *words)
{
    for (size_t i = 0; i < SENTENCES && pattern->sentences[i] != NULL; i++) {
        struct str sentence = str_from(pattern->sentences[i]);
        size_t at = str_find_nocase(text, sentence);

        if (at == SIZE_MAX)
            continue;
        *words = str_slice(text, at, sentence.len);
        return true;
    }
    return false;
}

const char *
idp_error_match(struct str text, const char *family, struct str *code)
{
    struct str words;

    return idp_error_match_words(text, family, code, &words);
}

const char *
idp_error_match_words(struct str text, const char *family, struct str *code, struct str *words)
{
    *code = (struct str){ NULL, 0 };
    *words = (struct str){ NULL, 0 };
    for (size_t r = 0; r < COUNT_OF(code_rules); r++) {
        struct str found = find_code(text, &code_rules[r]);

        if (!str_present(found) || (family != NULL && strcmp(family, code_rules[r].family) != 0))
            continue;
        *code = found;
        for (size_t i = 0; i < COUNT_OF(patterns); i++)
            if (strcmp(patterns[i].family, code_rules[r].family) == 0 && lists_code(patterns[i].codes, found))
                return patterns[i].id;
        return NULL;
    }
    for (size_t i = 0; i < COUNT_OF(patterns); i++)
        if ((family == NULL || strcmp(patterns[i].family, family) == 0) && holds_sentence(&patterns[i], text, words))
            return patterns[i].id;
    return NULL;
}

void
idp_error_signin(struct check_run *run, const struct check *check)
{
    struct str code;
    const char *id;

    if (run->signin->quote.len == 0 || run->signin->outcome == OUTCOME_REFUSED ||
        run->signin->outcome == OUTCOME_SIGNED_IN || run->signin->outcome == OUTCOME_NO_ACCOUNTS)
        return;
    id = idp_error_match(run->signin->quote, NULL, &code);
    if (id == NULL || strcmp(id, check->id) != 0 || aws_is_found(run, check))
        return;
    struct finding *finding = check_report(run, check, STR("The identity provider stopped the sign-in."));
    finding->received = run->signin->quote;
    finding->source = run->signin->quote_from;
}

/* --- pages ------------------------------------------------------------------------------------------ */

/* Which family's error pages can stand at this address; NULL: none that we know. */
static const char *
family_of(const struct exchange *exchange)
{
    static const char *const by_host[] = { "entra", "okta", "google" };
    static const struct {
        const char *part;
        const char *family;
    } by_path[] = {
        { .part = "/adfs/", .family = "adfs" },
        { .part = "/realms/", .family = "keycloak" },
        { .part = "/idp/profile/", .family = "shibboleth" },
    };
    const struct vendor *vendor = vendor_by_host(exchange->host);
    struct str path;
    struct str query;

    for (size_t i = 0; vendor != NULL && i < COUNT_OF(by_host); i++)
        if (strcmp(vendor->name, by_host[i]) == 0)
            return by_host[i];
    str_cut(exchange->target, '?', &path, &query);
    for (size_t i = 0; i < COUNT_OF(by_path); i++)
        if (str_find_nocase(path, str_from(by_path[i].part)) != SIZE_MAX)
            return by_path[i].family;
    return NULL;
}

/* The page with its content codings taken off; empty when it is no page. */
static struct str
page_of(const struct check_run *run)
{
    const struct exchange *exchange = run->exchange;
    struct str type = headers_get(&exchange->response_headers, "Content-Type");
    struct str out = { NULL, 0 };
    struct str detail;

    if (!answer_is_page(exchange) && str_find_nocase(type, STR("json")) == SIZE_MAX)
        return out;
    if (content_decode(run->arena, exchange->response_body.bytes, &exchange->response_headers, PAGE_BYTES, &out,
                       &detail) == CONTENT_NO_MEMORY)
        return (struct str){ NULL, 0 };
    return str_slice(out, 0, PAGE_BYTES);
}

static void
error_page(struct check_run *run, const struct check *check)
{
    const char *family = family_of(run->exchange);
    struct str page = family != NULL ? page_of(run) : STR("");
    struct str code, words, ids;
    const char *id = page.len > 0 ? idp_error_match_words(page, family, &code, &words) : NULL;
    const struct check *row = id != NULL ? check_find(str_from(id)) : NULL;
    struct finding *finding;

    ids = idp_error_ids(run->arena, page);
    if (row != NULL) {
        finding =
            check_reportf(run, row, "The identity provider stopped the sign-in with an error page.%.*s", STR_ARG(ids));
    } else if (page.len > 0 && str_present(code)) {
        finding = check_reportf(run, check, "The page shows code %.*s, which is not in samltap's table.%.*s",
                                STR_ARG(code), STR_ARG(ids));
    } else {
        return;
    }
    struct answer answer = answer_read(run->arena, run->exchange);
    finding->received = str_present(answer.quote) ? answer.quote : code;
    if (str_present(words) && str_find_nocase(answer.quote, words) == SIZE_MAX)
        finding->received = words; /* a headline like "We are sorry" says less */
    finding->source = run->exchange->host;
}

static const struct check table[] = {
    {
        .id = "idp-error-page",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_EXCHANGE,
        .profiles = PROFILE_ANY,
        .rank = RANK_STATUS,
        .owner = OWNER_IDP_ADMIN,
        .confidence = CONFIDENCE_PROVEN,
        .standing = STANDING_OBSERVED,
        .title = "the identity provider shows an error page",
        .means = "The sign-in ends at the identity provider; the service provider never gets a response.",
        .rule = "No page of Entra or AD FS shows a code AADSTS… or MSIS….",
        .spec = "-",
        .source = MS_CODES,
        .follows = "",
        .fixes = {
            FIX("entra", "Look the code up in Microsoft's list of AADSTS error codes; the sign-in log knows the "
                         "correlation id of the page."),
            FIX("adfs", "Look the Activity ID of the page up in the AD FS Admin event log (event 364)."),
            FIX("any", "Search the identity provider's log for the code and the time."),
        },
        .run = error_page,
    },
};

CHECK_SET(checks_aws_idp_error, table);

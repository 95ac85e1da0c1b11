/* SPDX-License-Identifier: MIT */
/* What the relying party asks for by WS-Federation. */
#include "url.h"
#include "wsfed_check.h"
#include "xstime.h"

enum { CLIPPED = 200 };
#define TIME_APART_MS INT64_C(300000)

static struct str
clip(struct str text)
{
    return str_slice(text, 0, CLIPPED);
}

static void
action_unknown(struct check_run *run, const struct check *check)
{
    const struct wsfed_message *wsfed = wsfed_of(run);

    if (wsfed->action != WSFED_UNKNOWN)
        return;
    if (!str_present(wsfed->action_text))
        check_reportf(run, check, "wresult comes without wa: the receiver has to guess that it is a sign-in.")
            ->severity = SEVERITY_WARNING;
    else
        finding_mismatch(check_reportf(run, check, "wa is \"%.*s\", which is no action of WS-Federation.",
                                       STR_ARG(clip(wsfed->action_text))),
                         STR("wsignin1.0"), wsfed->action_text, "WS-Federation 1.2, 13.2.2");
}

static void
parameter_repeated(struct check_run *run, const struct check *check)
{
    const struct wsfed_message *wsfed = wsfed_of(run);

    if (str_present(wsfed->repeated))
        check_reportf(run, check, "The parameter %.*s is there twice; some receivers take the first, some the last.",
                      STR_ARG(wsfed->repeated));
}

static void
realm_missing(struct check_run *run, const struct check *check)
{
    const struct wsfed_message *wsfed = wsfed_of(run);

    if (!wsfed_asks(run) || wsfed->realm.len > 0)
        return;
    if (wsfed->reply.len > 0)
        check_reportf(run, check, "The request has wreply, but no wtrealm. AD FS 1.0 took that; others refuse.")
            ->severity = SEVERITY_WARNING;
    else
        check_reportf(run, check, "wtrealm is %s: nothing says for whom the token shall be.",
                      str_present(wsfed->realm) ? "empty" : "missing");
}

static void
realm_unknown(struct check_run *run, const struct check *check)
{
    const struct expected *expected = &run->context->sp_entity_id;
    struct str realm = wsfed_of(run)->realm;

    if (!wsfed_asks(run) || realm.len == 0 || !str_present(expected->text) || str_eq(realm, expected->text))
        return;
    finding_mismatch(check_reportf(run, check, "wtrealm is \"%.*s\", this relying party is \"%.*s\" (%s).",
                                   STR_ARG(clip(realm)), STR_ARG(clip(expected->text)), expected->source),
                     expected->text, realm, expected->source);
}

/* The host of the reply is that of the realm, when the realm is a web address at all. */
static void
reply_elsewhere(struct check_run *run, const struct check *check)
{
    const struct wsfed_message *wsfed = wsfed_of(run);
    struct url realm, reply;

    if (!wsfed_asks(run) || wsfed->reply.len == 0)
        return;
    if (!url_split(wsfed->reply, &reply)) {
        check_reportf(run, check, "wreply is \"%.*s\", which is no absolute URL.", STR_ARG(clip(wsfed->reply)));
        return;
    }
    if (!str_starts_nocase(wsfed->realm, STR("http")) || !url_split(wsfed->realm, &realm) ||
        str_eq_nocase(realm.host, reply.host))
        return;
    check_reportf(run, check,
                  "The token shall go to %.*s, but the realm is %.*s: identity providers that do not list that address "
                  "send it elsewhere or refuse.",
                  STR_ARG(clip(wsfed->reply)), STR_ARG(clip(wsfed->realm)));
}

static void
reply_not_https(struct check_run *run, const struct check *check)
{
    if (wsfed_asks(run) && str_starts_nocase(wsfed_of(run)->reply, STR("http://")))
        check_reportf(run, check, "wreply is %.*s: the token would travel without TLS.",
                      STR_ARG(clip(wsfed_of(run)->reply)));
}

static void
time_wrong(struct check_run *run, const struct check *check)
{
    struct str text = wsfed_of(run)->current_time;
    struct xstime time;
    int64_t apart;

    if (!wsfed_asks(run) || text.len == 0)
        return;
    if (!xstime_parse(text, &time)) {
        check_reportf(run, check, "wct is \"%.*s\", which is no xs:dateTime.", STR_ARG(clip(text)));
        return;
    }
    if (run->exchange == NULL && !run->context->settings->has_now)
        return;
    apart = time.ms - run->context->now_ms;
    if (apart > TIME_APART_MS || apart < -TIME_APART_MS)
        check_reportf(run, check, "wct is %.*s, and it is %.*s (%s): an old link, or a wrong clock.", STR_ARG(text),
                      STR_ARG(xstime_format(run->arena, run->context->now_ms)), run->context->now_source)
            ->confidence = CONFIDENCE_LIKELY;
}

static bool
is_number(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
    return text.len > 0;
}

static void
freshness(struct check_run *run, const struct check *check)
{
    struct str text = wsfed_of(run)->freshness;

    if (!wsfed_asks(run) || !str_present(text))
        return;
    if (!is_number(text)) {
        check_reportf(run, check, "wfresh is \"%.*s\", which is no number of minutes.", STR_ARG(clip(text)))->severity =
            SEVERITY_WARNING;
    } else if (str_eq_c(text, "0")) {
        check_report(run, check, STR("wfresh=0: the user is asked again at every sign-in."));
    }
}

static const struct check table[] = {
    { WSFED_ROW("wsfed-action-unknown", ERROR, WRONG_ENDPOINT, SP_ADMIN, STANDARD, PROVEN,
                "the action of WS-Federation is unknown"),
      .means = "The identity provider does not know what is wanted and shows an error page.",
      .rule = "wa is wsignin1.0, wsignout1.0, wsignoutcleanup1.0, wattr1.0 or wpseudo1.0.",
      .spec = "WS-Federation 1.2, 13.2.2 · saml-verification 2.7", .source = WS_FEDERATION,
      .fixes = { { "adfs", "The URL is https://HOST/adfs/ls/?wa=wsignin1.0&wtrealm=…" },
                 { "any", "Write wa exactly: small letters, and the version at its end." } },
      .run = action_unknown },
    { WSFED_ROW("wsfed-parameter-repeated", ERROR, DECODE, SP_ADMIN, STANDARD, PROVEN,
                "a parameter of WS-Federation is there twice"),
      .fixed = true, .means = "Receivers differ in which they take: a fault of a redirect, or an attack.",
      .rule = "Each parameter of WS-Federation occurs once.",
      .spec = "WS-Federation 1.2, 13.2 · saml-verification 2.2 rung 0", .source = WS_FEDERATION,
      .fixes = { { "any", "Find what adds the parameter a second time: a rewritten link, a proxy." } },
      .run = parameter_repeated },
    { WSFED_ROW("wsfed-realm-missing", ERROR, REQUEST, SP_ADMIN, DOCUMENTED, PROVEN, "the request names no realm"),
      .means = "The identity provider cannot tell which relying party asks.", .rule = "wsignin1.0 has a wtrealm.",
      .spec = "WS-Federation 1.2, 13.2.2 · saml-verification 2.7",
      .source = "Microsoft Learn, SignInRequestMessage.Realm (read 2026); " WS_FEDERATION,
      .fixes = { { "entra", "wtrealm is the Application ID URI of the registration, as it stands there." },
                 { "adfs", "wtrealm is an identifier of the relying party trust." },
                 { "any", "Set the realm in the configuration of the application." } },
      .run = realm_missing },
    { WSFED_ROW("wsfed-realm-mismatch", ERROR, REQUEST, SP_ADMIN, STANDARD, PROVEN,
                "the request is made for another realm"),
      .means = "The identity provider makes a token for another party, or knows no such party.",
      .rule = "wtrealm equals the expected entity ID of the relying party, byte for byte.",
      .spec = "WS-Federation 1.2, 13.2.2 · saml-verification 2.7", .source = WS_FEDERATION,
      .fixes = { { "entra", "AADSTS700016: no application with that identifier in the tenant." },
                 { "adfs", "Relying party trust → Identifiers." },
                 { "any", "Write the same identifier on both sides, with or without the slash at its end." } },
      .run = realm_unknown },
    { WSFED_ROW("wsfed-reply-elsewhere", WARNING, REQUEST, SP_ADMIN, INFERRED, LIKELY,
                "the reply goes to another host than the realm"),
      .means = "Identity providers send tokens to addresses that are registered with the realm only.",
      .rule = "wreply is an absolute URL; when wtrealm is a web address, both have the same host.",
      .spec = "WS-Federation 1.2, 13.2.2", .source = "own conclusion from " WS_FEDERATION,
      .fixes = { { "entra", "Register the address as reply URL of the application." },
                 { "adfs", "Relying party trust → Endpoints: WS-Federation passive endpoint." },
                 { "any", "Register the reply address at the identity provider." } },
      .run = reply_elsewhere },
    { WSFED_ROW("wsfed-reply-not-https", WARNING, NOTE, SP_ADMIN, DOCUMENTED, PROVEN, "the token is sent without TLS"),
      .means = "Whoever sees the traffic can sign in as the user. AD FS refuses such addresses.",
      .rule = "wreply is an https URL.", .spec = "MS-MWBF, note 4 of section 2.1 · saml-verification BND-06",
      .source = MS_MWBF, .fixes = { { "any", "Use https for the application." } }, .run = reply_not_https },
    { WSFED_ROW("wsfed-time-wrong", WARNING, TIME, SP_ADMIN, STANDARD, PROVEN, "the time of the request is wrong"),
      .means = "The link was kept or sent on, or the relying party's clock is wrong; strict identity providers refuse.",
      .rule = "wct is an xs:dateTime within 5 minutes of the time at which the request was seen.",
      .spec = "WS-Federation 1.2, 13.2.2 · saml-verification 2.7", .source = WS_FEDERATION,
      .fixes = { { "any", "Begin at the application, not at a bookmark; set its clock by NTP." } }, .run = time_wrong },
    { WSFED_ROW("wsfed-freshness", INFO, NOTE, SP_ADMIN, STANDARD, PROVEN, "a new sign-in is demanded"),
      .means = "Single sign-on does not happen: the identity provider has to ask the user again.",
      .rule = "wfresh is a number of minutes; 0 means: ask now.", .spec = "WS-Federation 1.2, 13.2.2",
      .source = WS_FEDERATION, .fixes = { { "any", "Leave wfresh out when single sign-on is wanted." } },
      .run = freshness },
};

CHECK_SET(wsfed_request_checks, table);

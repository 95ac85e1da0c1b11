/* SPDX-License-Identifier: MIT */
#include "text_error.h"

#include <string.h>

#include "answer.h"
#include "content_coding.h"
#include "error_texts.h"
#include "idp_error.h"

enum { MAX_LINES = 2000, MAX_FOUND = 20, BODY_BYTES = 64 * 1024, OTHERS = 3 };

void
text_error_reported_elsewhere(struct check_run *run, const struct check *check)
{
    (void)run;
    (void)check;
}

/* "; also possible: a, b" of the matches behind the first, empty when there are none. */
static struct str
others_of(struct check_run *run, const struct error_match *matches, size_t count)
{
    struct str text = STR("");

    for (size_t i = 1; i < count && i <= OTHERS; i++)
        text =
            arena_printf(run->arena, "%.*s%s%s", STR_ARG(text), i == 1 ? " It also comes from: " : ", ", matches[i].id);
    return text.len > 0 ? arena_printf(run->arena, "%.*s.", STR_ARG(text)) : text;
}

/* What get-caller-identity prints for an IAM user or the root user: no sign-in gave those keys. */
static bool
is_other_identity(struct str text)
{
    return str_find_c(text, "\"Arn\"") != SIZE_MAX &&
           (str_find_c(text, ":user/") != SIZE_MAX || str_find_c(text, ":root\"") != SIZE_MAX);
}

/*
 * Keeps the matches that the text itself supports; what explains a sentence that somebody asks about may be too much
 * to say of a log. Names of exceptions that SCIM shares with every AWS API are not SCIM's in an answer to a client.
 */
static size_t
keep_supported(struct error_match *matches, size_t count, struct str text, bool from_client)
{
    size_t kept = 0;

    from_client = from_client || str_find_c(text, "when calling the ") != SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        const char *id = matches[i].id;
        bool scim = strncmp(id, "scim-", strlen("scim-")) == 0;

        if ((scim && from_client) || (strcmp(id, "cli-identity-unexpected") == 0 && !is_other_identity(text)))
            continue;
        matches[kept++] = matches[i];
    }
    return kept;
}

/* Reports what the line means; returns whether it means anything. */
static bool
report_line(struct check_run *run, struct str line, const char *source, bool from_client)
{
    struct error_match matches[ERROR_MATCHES_MAX];
    size_t count = keep_supported(matches, error_texts_find(line, matches), line, from_client);
    struct finding *finding;
    struct str others;

    if (count == 0 || matches[0].check == NULL)
        return false;
    if (aws_is_found(run, matches[0].check))
        return true;
    others = others_of(run, matches, count);
    finding = check_reportf(run, matches[0].check, "This text is known.%.*s", STR_ARG(others));
    finding->received = str_trim(line);
    finding->source = str_from(source);
    /* A text names what it says; which of several causes is behind it is not proven by it. */
    finding->confidence = count > 1 ? CONFIDENCE_POSSIBLE : CONFIDENCE_LIKELY;
    return true;
}

/* Line by line, so that each error of a log is found; as a whole when no line means anything (wrapped text). */
static void
error_text(struct check_run *run, const struct check *check)
{
    struct str rest = run->text, line, code;
    size_t found = 0;

    for (size_t i = 0; rest.len > 0 && i < MAX_LINES && found < MAX_FOUND; i++) {
        str_cut(rest, '\n', &line, &rest);
        found += str_trim(line).len > 0 && report_line(run, line, "the text given", false);
    }
    if (found > 0 || report_line(run, run->text, "the text given", false))
        return;
    idp_error_match(run->text, NULL, &code);
    if (str_present(code))
        check_reportf(run, check, "The text holds code %.*s, which is not in samltap's table.", STR_ARG(code))
            ->received = code;
}

/* Endpoints that the AWS CLI and SDKs talk to on the way from a sign-in to credentials. */
static bool
is_cli_host(struct str host)
{
    static const char *const starts[] = { "oidc.", "portal.sso.", "sts.", "sso.", "identitystore." };

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (str_starts_c(host, starts[i]) && str_find_c(host, ".amazonaws.") != SIZE_MAX)
            return true;
    return false;
}

static bool
is_cli(const struct exchange *exchange)
{
    struct str agent = headers_get(&exchange->request_headers, "User-Agent");

    return str_find_c(agent, "aws-cli/") != SIZE_MAX || str_find_c(agent, "Botocore/") != SIZE_MAX ||
           str_find_c(agent, "aws-sdk-") != SIZE_MAX;
}

/* The CLI lists nothing: its own sentence is printed only there, but the empty list crosses the wire. */
static void
empty_list(struct check_run *run)
{
    enum portal_list list = portal_list_of(run->exchange);
    const char *id = list == PORTAL_LIST_ACCOUNTS ? "cli-no-accounts" : "cli-no-roles";
    const struct check *row = check_find(str_from(id));
    struct finding *finding;

    if ((list != PORTAL_LIST_ACCOUNTS && list != PORTAL_LIST_ROLES) || row == NULL ||
        portal_list_count(run->exchange) != 0)
        return;
    finding = check_report(run, row, STR("The portal answers the CLI with an empty list."));
    finding->source = run->exchange->host;
    finding->confidence = CONFIDENCE_PROVEN;
}

/* The version shows in every request; only those for tokens are worth saying it. */
static void
old_version(struct check_run *run)
{
    const struct check *row = check_find(STR("cli-old-version"));
    struct str agent = headers_get(&run->exchange->request_headers, "User-Agent");

    if (row == NULL || !str_starts_c(run->exchange->host, "oidc.") || !error_text_old_cli(agent))
        return;
    struct finding *finding = check_report(run, row, STR("This version asks for tokens that it cannot refresh."));
    finding->received = agent;
    finding->confidence = CONFIDENCE_PROVEN;
}

static void
cli_answer(struct check_run *run, const struct check *check)
{
    struct str body = { 0 }, detail;
    struct finding *finding;

    if (run->exchange->problem != EXCHANGE_OK || !is_cli_host(run->exchange->host) || !is_cli(run->exchange))
        return;
    old_version(run);
    if (run->exchange->status < 400) {
        empty_list(run);
        return;
    }
    if (content_decode(run->arena, run->exchange->response_body.bytes, &run->exchange->response_headers, BODY_BYTES,
                       &body, &detail) == CONTENT_NO_MEMORY)
        return;
    body = str_trim(body);
    if (body.len == 0 || report_line(run, body, "the answer to the CLI", true))
        return;
    finding = check_reportf(run, check, "The endpoint answers %u, with a text that is not in samltap's table.",
                            run->exchange->status);
    finding->received = aws_clip(body);
    finding->source = run->exchange->host;
}

static const struct check table[] = {
    {
        .id = "error-text",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_TEXT,
        .profiles = PROFILE_ANY,
        .rank = RANK_NOTE,
        .owner = OWNER_SP_ADMIN,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_OBSERVED,
        .title = "an error code that is not known here",
        .means = "Input that is no message is read as the text of errors: each line that is known is reported under "
                 "the id of its cause.",
        .rule = "The text holds no code AADSTS… or MSIS… that samltap does not know.",
        .spec = "-",
        .source = "public error texts",
        .follows = "",
        .fixes = {
            FIX("entra", "Look the code up in Microsoft's list of AADSTS error codes."),
            FIX("any", "Capture the sign-in: that tells more than its text."),
        },
        .run = error_text,
    },
    {
        .id = "cli-answer",
        .severity = SEVERITY_ERROR,
        .subject = CHECK_EXCHANGE,
        .profiles = PROFILE_ANY,
        .rank = RANK_NOTE,
        .owner = OWNER_USER,
        .confidence = CONFIDENCE_LIKELY,
        .standing = STANDING_OBSERVED,
        .title = "AWS refuses a request of the CLI",
        .means = "The answers to the AWS CLI are read like its own messages, and reported under the id of their cause.",
        .rule = "The endpoints that the AWS CLI asks answer without error.",
        .spec = "-",
        .source = "public error texts",
        .follows = "",
        .fixes = {
            FIX("any", "Read the message of AWS; 'samltap explain --text' takes the words that the CLI prints."),
        },
        .run = cli_answer,
    },
};

CHECK_SET(checks_aws_text_error, table);

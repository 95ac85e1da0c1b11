/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CHECK_H
#define SAMLTAP_CHECK_H

#include "attributes.h"
#include "context.h"
#include "finding.h"
#include "profile.h"

/* Which inputs a check looks at. It is called once for each of its kind. */
enum check_subject {
    CHECK_MESSAGE,   /* every decoded or undecodable SAML message: run->message, run->saml may be NULL */
    CHECK_RESPONSE,  /* SAML Responses and bare assertions that parsed: run->saml */
    CHECK_ASSERTION, /* each direct assertion of those: run->assertion */
    CHECK_REQUEST,   /* AuthnRequests */
    CHECK_LOGOUT,    /* LogoutRequest, LogoutResponse */
    CHECK_METADATA,  /* metadata as input, or given by option (once per report) */
    CHECK_EXCHANGE,  /* run->exchange: every exchange, also without message */
    CHECK_SIGNIN,    /* run->signin: when its outcome is known */
    CHECK_OAUTH,     /* messages of OAuth 2.0 and OpenID Connect: run->message->oauth */
    CHECK_SCIM,      /* SCIM requests with their answers: run->message->scim */
    CHECK_TEXT,      /* input that is no message but printable text, log lines for example: run->text */
    CHECK_WSFED,     /* requests and answers of WS-Federation: run->message->wsfed; run->saml of answers */
    CHECK_SETUP,     /* metadata and lists alone, without any sign-in: run->context->settings */
    CHECK_SUBJECT_COUNT,
};

/* Position in the ranking of causes (saml-verification 3.14, failures.md 0): lower explains more. */
enum cause_rank {
    RANK_TRANSPORT,
    RANK_DECODE,
    RANK_WRONG_ENDPOINT,
    RANK_STATUS,
    RANK_ENCRYPTION,
    RANK_REQUEST,   /* no matching request */
    RANK_KEY,       /* signed by another key, not signed */
    RANK_INTEGRITY, /* content altered, wrapping */
    RANK_PARTY,     /* issuer, audience, recipient, destination */
    RANK_TIME,
    RANK_SUBJECT,
    RANK_ATTRIBUTE,
    RANK_DIRECTORY,
    RANK_SYMPTOM, /* what the service provider said, without a proven cause */
    RANK_NOTE,
};

/* What a statement rests on; it decides the wording. */
enum standing {
    STANDING_STANDARD,   /* a specification */
    STANDING_DOCUMENTED, /* the service provider's or identity provider's documentation */
    STANDING_OBSERVED,   /* seen in public files or threads */
    STANDING_INFERRED,   /* our conclusion */
};

/* What belongs together when rules are switched on; a row that says nothing is of the standard pack. */
enum check_pack {
    PACK_STANDARD, /* always on */
    PACK_SAML2INT, /* what the SAML2Int deployment profile asks for beyond the standard */
    PACK_ADVICE,   /* good to know when nothing else is wrong */
    PACK_COUNT,
};

struct check_run;

struct check_fix {
    const char *vendor; /* "okta", "entra", "adfs", … or "any" */
    const char *text;   /* where to click, what to set */
};

enum { CHECK_MAX_FIXES = 10 };

/*
 * A check is one row and one function. The row is the registration: CHECK_SET publishes the table
 * and the build lists every table of inspect/checks/ by itself.
 */
struct check {
    const char *id; /* stable, from failures.md; kebab-case */
    enum severity severity;
    bool fixed; /* a security finding: --set cannot lower it */
    enum check_subject subject;
    enum check_pack pack;
    unsigned profiles; /* set of enum check_profile */
    enum cause_rank rank;
    enum owner owner;
    enum confidence confidence;
    enum standing standing;
    enum attack_family attack; /* of every finding of the row, unless finding_attack() says otherwise */
    const char *title;         /* one line for summaries: "attribute name differs in case" */
    const char *means;         /* what it means for the user, one or two sentences */
    const char *rule;          /* the exact rule that is tested */
    const char *limit;         /* the last that is inside, "80 bytes", when it compares with a limit; else NULL */
    const char *spec;          /* clause or document: "SAML Core 2.5.1.4 · saml-verification CON-03" */
    const char *source;        /* where the knowledge is from, with its date when it is a vendor's page */
    const char *follows;       /* ids, space separated, that explain this one when present: it is then an echo */
    const char *follows_same;  /* the same, when both received the same value */
    struct check_fix fixes[CHECK_MAX_FIXES]; /* ends at the first without text */
    void (*run)(struct check_run *run, const struct check *check);
};

struct check_set {
    const char *name; /* "core_signature": the folder of inspect/checks, then the subject */
    const struct check *rows;
    size_t count;
};

/* Publishes a static table under a name that the build finds (one CHECK_SET a file, at line start). */
#define CHECK_SET(set_name, table) const struct check_set set_name = { #set_name, (table), COUNT_OF(table) }

/* What a check may look at. Everything is borrowed and const but the findings. */
struct check_run {
    struct arena *arena;
    const struct context *context;
    const struct exchange *exchange;        /* NULL for bare input */
    const struct message *message;          /* CHECK_MESSAGE … CHECK_LOGOUT */
    const struct messages *messages;        /* all that came with it; NULL: none */
    const struct saml_message *saml;        /* decoded facts; NULL when not decodable */
    const struct saml_assertion *assertion; /* CHECK_ASSERTION */
    const struct saml_message *request;     /* the AuthnRequest of the same sign-in, NULL when none was seen */
    const struct message *request_message;  /* that, or the request of WS-Federation */
    const struct metadata *metadata;        /* CHECK_METADATA */
    const struct signin *signin;            /* CHECK_SIGNIN */
    struct str text;                        /* CHECK_TEXT */
    int message_number;                     /* 1-based number within the report, 0: none */
    struct findings *findings;
};

/*
 * Adds a finding of this check. Returns it for more detail (never NULL: when memory is out it is a
 * scratch finding that is dropped). text may hold untrusted parts; reporters escape.
 */
struct finding *check_report(struct check_run *run, const struct check *check, struct str text);

/* Formats the text of a finding into the arena and adds it. */
struct finding *check_reportf(struct check_run *run, const struct check *check, const char *format, ...)
    PRINTF_LIKE(3, 4);

/*
 * Fills expected, received, source of the expectation, first difference and near-miss class.
 * Returns the finding, so calls can be chained.
 */
struct finding *finding_mismatch(struct finding *finding, struct str expected, struct str received, const char *source);
struct finding *finding_at(struct finding *finding, struct where where);

/* Names the family of attacks whose shape the finding has, instead of that of the row. Returns the finding. */
struct finding *finding_attack(struct finding *finding, enum attack_family family);

/* Records that the check could not be made, and why: "no user list given". */
void check_skipped(struct check_run *run, const struct check *check, const char *why);

/* The most that --clock-skew takes: a bigger gap is no matter of clocks that drift. */
enum { CHECK_MOST_SKEW_MS = 600000 };

/*
 * " It would pass with a clock skew of N s or more (now M s)." for a gap that a skew can bridge; "" for others. A limit
 * that is itself outside (NotOnOrAfter) is missed by one millisecond more.
 */
struct str check_would_pass(const struct check_run *run, int64_t gap_ms);

/* The tables that the build collected, in id order of files. */
size_t check_set_count(void);
const struct check_set *check_set_at(size_t i);

/* "standard", "saml2int", "advice"; the pack of that name, or PACK_COUNT. */
const char *check_pack_name(enum check_pack pack);
enum check_pack check_pack_by_name(struct str name);

/*
 * True when strict checking by a pack makes an error of the check's warnings: those of the pack itself, and those
 * of other packs that rest on a clause of its document ("SDP-…" for SAML2Int).
 */
bool check_is_strict(const struct check *check, enum check_pack pack);

/* The clause or document of the row; NULL when it rests on its source alone ("-"). */
const char *check_spec(const struct check *check);

/* The check with that id, or NULL. */
const struct check *check_find(struct str id);

/* Number of a row, counted through all tables as they stand; CHECKS_MAX for a row of none of them. */
size_t check_number(const struct check *check);

/* Whether the check, of that number, looked at what findings are about, could decide, and found nothing. */
bool check_passed(const struct findings *findings, const struct check *check, size_t number);

const char *owner_name(enum owner owner);          /* "idp-admin" … */
const char *severity_name(enum severity severity); /* "error" … */
const char *confidence_name(enum confidence confidence);
const char *standing_name(enum standing standing);

#endif

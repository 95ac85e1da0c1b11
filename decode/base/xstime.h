/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_XSTIME_H
#define SAMLTAP_XSTIME_H

#include "arena.h"
#include "str.h"

/* How an xs:dateTime wrote its time zone. SAML demands UTC with "Z" (Core 1.3.3). */
enum xstime_zone {
    XSTIME_ZONE_Z,      /* 2026-01-01T00:00:00Z */
    XSTIME_ZONE_UTC,    /* +00:00 or -00:00: right value, unusual form */
    XSTIME_ZONE_OFFSET, /* any other offset; the value has been brought to UTC */
    XSTIME_ZONE_NONE,   /* no zone: read as UTC, receivers differ */
};

/* An instant. Milliseconds since 1970-01-01T00:00:00Z; finer fractions are cut. */
struct xstime {
    int64_t ms;
    enum xstime_zone zone;
};

/*
 * Reads an xs:dateTime (XML Schema 1.0 part 2, 3.2.7): 1 to 9 fraction digits, 24:00:00 allowed,
 * leap second, year 0 and years past 9999 refused. White space around it is not allowed.
 * Returns false when it is not one; *time is then untouched.
 */
bool xstime_parse(struct str text, struct xstime *time) CHECK_RESULT;

/* Formats ms as 2026-01-01T00:00:00Z, with .mmm when there is a fraction. Lives in the arena. */
struct str xstime_format(struct arena *arena, int64_t ms);

/* Formats into out, which has room for size bytes (25 are enough), NUL-terminated. */
void xstime_format_into(char *out, size_t size, int64_t ms);

/* An HTTP-date (RFC 9110 5.6.7, IMF-fixdate only) to milliseconds. Returns false when it is none. */
bool http_date_parse(struct str text, int64_t *ms) CHECK_RESULT;

#endif

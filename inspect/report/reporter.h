/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_REPORTER_H
#define SAMLTAP_REPORTER_H

#include "buf.h"
#include "examine.h"

struct reporter_options {
    bool colour;      /* terminal colours, added after escaping */
    bool quiet;       /* text: only the verdict line */
    bool verbose;     /* text: also information and every fact */
    int width;        /* columns; 0: 80 */
    int utc_offset_s; /* text: added to the time of day of a sign-in; 0: UTC */
};

/* One output format. All functions append to *out; they never print. */
struct reporter {
    const char *name; /* "text", "json" */
    /* One report of a file or paste: the whole story. */
    void (*report)(struct buf *out, const struct report *report, const struct reporter_options *options);
    /* One finished live sign-in: the block of DESIGN 6. */
    void (*signin)(struct buf *out, const struct signin *signin, const struct reporter_options *options);
};

extern const struct reporter reporter_text;
extern const struct reporter reporter_json; /* one object a line, DESIGN 5 */

/* A check's long text, for `samltap explain`, and its line for `samltap checks`. */
void explain_check(struct buf *out, const struct check *check, const struct reporter_options *options);
void list_check(struct buf *out, const struct check *check);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CAPTURE_SAMPLES_H
#define SAMLTAP_CAPTURE_SAMPLES_H

#include "buf.h"

/* The message in all of them. */
#define CAPTURE_SAMPLE_XML "<p:Response xmlns:p=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"_r1\"/>"

/* One sign-in as HAR files of several tools, each with the habits of its tool: two exchanges. */
struct capture_sample {
    const char *name;
    const char *text;    /* to be filled in */
    const char *problem; /* beginning of what is to be said of it; "": nothing */
};

extern const struct capture_sample capture_samples[];
extern const size_t capture_sample_count;

/* Appends the whole file. */
void capture_sample_fill(const struct capture_sample *sample, struct buf *out);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_URL_H
#define SAMLTAP_URL_H

#include "str.h"

/* A URL cut at its delimiters; every part borrows from the text. Nothing is decoded or normalised. */
struct url {
    struct str scheme;   /* "https"; absent when the text is no URL with an authority */
    struct str host;     /* without user, port and brackets */
    struct str port;     /* absent when not written */
    struct str path;     /* with its leading slash; may be empty */
    struct str query;    /* without "?"; absent when there is none */
    struct str fragment; /* without "#"; absent when there is none */
};

/* Returns false, with everything absent, when text does not look like scheme://host… */
bool url_split(struct str text, struct url *url);

/* True when the port is not written or is the scheme's own (80, 443). */
bool url_default_port(const struct url *url);

/*
 * Length of the AWS Region label at the start of text ("eu-west-1", "us-gov-east-1"), 0 when there
 * is none. The label must end at a character that is no letter, digit or dash.
 */
size_t aws_region_length(struct str text);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_AWS_EVIDENCE_ROWS_H
#define SAMLTAP_AWS_EVIDENCE_ROWS_H

#include <jansson.h>

#include "aws_evidence.h"

/* One reader a kind of row; value is an element of the list (any JSON). False: the arena refuses, or too many. */
typedef bool evidence_row_reader(struct arena *arena, const json_t *value, struct str source,
                                 struct aws_evidence *evidence);

evidence_row_reader aws_evidence_role_row, aws_evidence_provider_row, aws_evidence_trail_row;
evidence_row_reader aws_evidence_instance_row, aws_evidence_organization_row, aws_evidence_region_row,
    aws_evidence_abac_row, aws_evidence_log_row;

/* True for an entry of one of the logs that aws_evidence_log_row reads. */
bool aws_evidence_is_log(const json_t *value);

/* Grows one of the arrays of evidence by a zeroed element; NULL when the arena refuses or there are too many. */
void *aws_evidence_grow(struct arena *arena, void **items, size_t *count, size_t *capacity, size_t item_size);

/* Strings of a JSON value that is a string or an array of strings. False: the arena refuses. */
bool aws_evidence_strings(struct arena *arena, const json_t *value, struct str **items, size_t *count) CHECK_RESULT;

#endif

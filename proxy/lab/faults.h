/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_FAULTS_H
#define SAMLTAP_LAB_FAULTS_H

#include "lab.h"
#include "order.h"

/* A fault is a change of what the identity provider says, or of how the message travels. */
struct fault {
    struct lab_fault public;
    void (*spoil)(struct lab_order *order, struct arena *arena);
};

struct fault_set {
    const struct fault *rows;
    size_t count;
};

extern const struct fault_set lab_faults_wire;    /* form, encoding, status, shape */
extern const struct fault_set lab_faults_trust;   /* signature, issuer, audience, recipient … */
extern const struct fault_set lab_faults_subject; /* time, NameID */
extern const struct fault_set lab_faults_iam;     /* attributes of IAM federation */

/*
 * Spoils a working order the way the named fault does. An unknown name, NULL and a fault of the
 * other target change nothing. Strings come from the arena.
 */
void lab_fault_apply(const char *name, struct lab_order *order, struct arena *arena);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LAB_H
#define SAMLTAP_LAB_H

#include <sys/types.h>

#include "buf.h"

/*
 * The built-in practice ground: an identity provider (https://idp.samltap.test), an AWS IAM-like
 * sign-in (https://aws.samltap.test) and an Identity-Center-like one with portal
 * (https://idc.samltap.test). Runs as a child process behind the relay; its keys live in memory.
 */
struct lab_fault {
    const char *name;        /* "wrong-audience" */
    const char *target;      /* "iam", "idc" or "both": where it shows */
    const char *title;       /* one line */
    const char *finding;     /* id that samltap must name first */
    const char *finding_idc; /* the same for "idc" when target is "both" and it differs; NULL: finding */
};

size_t lab_fault_count(void);
const struct lab_fault *lab_fault_at(size_t i);
const struct lab_fault *lab_fault_find(const char *name);

/* True when the fault shows at target ("iam" or "idc"). */
bool lab_fault_shows(const struct lab_fault *fault, const char *target);

/* The finding that samltap must name first when fault is shown at target. */
const char *lab_fault_finding(const struct lab_fault *fault, const char *target);

struct lab {
    pid_t pid;
    int channel;             /* the process ends when this closes */
    unsigned port;           /* 127.0.0.1, TLS for all three names */
    struct buf ca_pem;       /* to trust as upstream for *.samltap.test */
    struct buf idp_metadata; /* what samltap is given as --idp-metadata */
    struct buf iam_metadata; /* SP metadata of both service providers */
    struct buf idc_metadata;
};

/*
 * Starts the lab process. fault: what goes wrong unless the login form chooses another; NULL none; it
 * must be the name of one. Call it before saml_library_init (the process makes its own) and before any
 * thread. Returns false and *why (malloc'd, caller frees).
 */
bool lab_start(struct lab *lab, const char *fault, char **why);

/* Ends the process it started and frees the buffers. */
void lab_stop(struct lab *lab);

/* One sign-in by the built-in browser. */
struct lab_visit {
    unsigned proxy_port;  /* on 127.0.0.1; 0: no proxy, direct_port is the lab itself */
    unsigned direct_port; /* used when proxy_port is 0 */
    struct str ca_pem;    /* the CA to trust: the interception CA, or the lab's own without proxy */
    const char *target;   /* "iam" or "idc" */
    const char *user;     /* "jdoe@example.com" */
    const char *fault;    /* NULL: the lab's default */
};

struct lab_visit_result {
    unsigned status; /* of the last page */
    char title[200]; /* of the last page, text */
    char url[400];
    char said[400];      /* the service provider's own words when it refused, else empty */
    unsigned acs_status; /* what the ACS answered, 0: the message never got there */
    int accounts;        /* "idc": accounts that the portal listed; -1: it was not asked */
};

/*
 * Signs in through the proxy: blocking, with timeouts of 10 s a step; run it in a child process when
 * an event loop must go on. Returns false and *why (malloc'd, caller frees) when the browser itself
 * could not go on (proxy gone, TLS refused); an error page of the service provider is a result.
 */
bool lab_browse(const struct lab_visit *visit, struct lab_visit_result *result, char **why);

#endif

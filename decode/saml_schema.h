/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_SAML_SCHEMA_H
#define SAMLTAP_SAML_SCHEMA_H

#include "xml.h"

/*
 * The part of the SAML 2.0 schemas that common wrong messages break: order, number and names of
 * children, attributes that must be there, attributes that must not, and their types.
 */

enum schema_type { SCHEMA_TEXT, SCHEMA_TIME, SCHEMA_NCNAME, SCHEMA_BOOLEAN, SCHEMA_NON_EMPTY };

struct schema_particle {
    uint8_t order; /* particles of one order may mix: a choice. 0 ends the list */
    const char *uri;
    const char *name;
    uint8_t least; /* at least so many of this particle */
    uint8_t most;  /* 0: any number */
};

struct schema_attribute {
    const char *name; /* NULL ends the list */
    bool required;
    enum schema_type type;
};

struct schema_rule {
    const char *uri;
    const char *name;
    const struct schema_particle *children;
    const struct schema_attribute *attributes;
    bool open_attributes; /* attributes of other names are allowed */
    uint8_t least;        /* at least so many children of any kind */
};

extern const struct schema_rule saml_schema_rules[];
extern const size_t saml_schema_rule_count;

#endif

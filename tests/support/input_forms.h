/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_INPUT_FORMS_H
#define SAMLTAP_TESTS_INPUT_FORMS_H

#include "buf.h"
#include "find.h"

/* One signed Response in every form in which an input may carry it. */
struct input_form {
    const char *name;
    enum input_kind kind;
    void (*make)(struct buf *out);
};

/* Makes the message; false when it cannot. Then its XML, borrowed. */
bool input_forms_init(void);
void input_forms_release(void);
struct str input_forms_xml(void);

const struct input_form *input_form_at(size_t i); /* NULL: no more */
const struct input_form *input_form_named(const char *name);

#endif

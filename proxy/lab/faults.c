/* SPDX-License-Identifier: MIT */
#include "faults.h"

#include <string.h>

static const struct fault_set *const sets[] = { &lab_faults_wire, &lab_faults_trust, &lab_faults_subject,
                                                &lab_faults_iam };

size_t
lab_fault_count(void)
{
    size_t count = 0;

    for (size_t s = 0; s < COUNT_OF(sets); s++)
        count += sets[s]->count;
    return count;
}

static const struct fault *
fault_at(size_t i)
{
    for (size_t s = 0; s < COUNT_OF(sets); s++) {
        if (i < sets[s]->count)
            return &sets[s]->rows[i];
        i -= sets[s]->count;
    }
    return NULL;
}

static const struct fault *
find(const char *name)
{
    const struct fault *fault = NULL;

    for (size_t i = 0; name != NULL && (fault = fault_at(i)) != NULL; i++)
        if (strcmp(fault->public.name, name) == 0)
            break;
    return fault;
}

const struct lab_fault *
lab_fault_at(size_t i)
{
    const struct fault *fault = fault_at(i);

    return fault != NULL ? &fault->public : NULL;
}

const struct lab_fault *
lab_fault_find(const char *name)
{
    const struct fault *fault = find(name);

    return fault != NULL ? &fault->public : NULL;
}

bool
lab_fault_shows(const struct lab_fault *fault, const char *target)
{
    return strcmp(fault->target, "both") == 0 || strcmp(fault->target, target) == 0;
}

const char *
lab_fault_finding(const struct lab_fault *fault, const char *target)
{
    return strcmp(target, "idc") == 0 && fault->finding_idc != NULL ? fault->finding_idc : fault->finding;
}

void
lab_fault_apply(const char *name, struct lab_order *order, struct arena *arena)
{
    const struct fault *fault = find(name);

    if (fault != NULL && lab_fault_shows(&fault->public, order->target == LAB_IAM ? "iam" : "idc"))
        fault->spoil(order, arena);
}

/* SPDX-License-Identifier: MIT */
#include "check_names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "nearest.h"

enum { MAX_SUGGESTIONS = 3 };

struct suggestion {
    const char *id;
    size_t distance;
};

/* A part of the id is as good as a single slip of the finger. */
static size_t
distance_of(const char *typed, const char *id)
{
    size_t distance = edit_distance(typed, id);

    if (strlen(typed) >= 3 && strstr(id, typed) != NULL && distance > 1)
        return 1;
    return edit_distance_is_near(typed, distance) ? distance : SIZE_MAX;
}

/* Keeps the nearest few, nearest first. */
static void
offer(struct suggestion *best, const char *id, size_t distance)
{
    struct suggestion fresh = { .id = id, .distance = distance };

    for (size_t i = 0; i < MAX_SUGGESTIONS && distance != SIZE_MAX; i++) {
        if (best[i].id == NULL || fresh.distance < best[i].distance) {
            struct suggestion moved = best[i];

            best[i] = fresh;
            fresh = moved;
            if (fresh.id == NULL)
                break;
        }
    }
}

char *
check_unknown_text(const char *typed)
{
    struct suggestion best[MAX_SUGGESTIONS] = { { 0 } };
    char *text, *longer;

    for (size_t i = 0; i < check_set_count(); i++)
        for (size_t j = 0; j < check_set_at(i)->count; j++)
            offer(best, check_set_at(i)->rows[j].id, distance_of(typed, check_set_at(i)->rows[j].id));
    if (best[0].id == NULL)
        return xprintf("there is no check '%s'; 'samltap checks' lists all", typed);
    text = xprintf("there is no check '%s'; did you mean %s", typed, best[0].id);
    for (size_t i = 1; i < MAX_SUGGESTIONS && best[i].id != NULL; i++) {
        longer = xprintf("%s or %s", text, best[i].id);
        free(text);
        text = longer;
    }
    longer = xprintf("%s?", text);
    free(text);
    return longer;
}

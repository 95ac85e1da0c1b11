/* SPDX-License-Identifier: MIT */
#include "nearest.h"

#include <stdint.h>
#include <string.h>

enum { MAX_LENGTH = 63 };

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t
edit_distance(const char *a, const char *b)
{
    size_t rows[3][MAX_LENGTH + 1];
    size_t *before = rows[0], *above = rows[1], *here = rows[2];
    size_t a_length = strlen(a), b_length = strlen(b);

    if (a_length > MAX_LENGTH || b_length > MAX_LENGTH)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_length; j++)
        above[j] = before[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *spare = before;

        here[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            here[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
            here[j] = least(here[j], least(above[j], here[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                here[j] = least(here[j], before[j - 2] + 1);
        }
        before = above;
        above = here;
        here = spare;
    }
    return above[b_length];
}

bool
edit_distance_is_near(const char *typed, size_t distance)
{
    size_t allowed = strlen(typed) / 3;

    return distance <= (allowed > 1 ? allowed : 1);
}

/* SPDX-License-Identifier: MIT */
#include "clocks.h"

#include <stdlib.h>
#include <string.h>

#include "memory_watch.h"
#include "xstime.h"

enum { NAME_BYTES = 256 };

struct party {
    char name[NAME_BYTES]; /* longer ones are not kept */
    size_t name_len;
    bool by_date;
    int64_t stamps_ms[CLOCKS_STAMPS]; /* a ring */
    int64_t ahead_ms[CLOCKS_STAMPS];  /* stamp less arrival */
    size_t count, next;
    int64_t latest_ms;
};

struct clocks {
    struct party parties[2 * CLOCKS_PARTIES];
    size_t count;
};

struct clocks *
clocks_new(void)
{
    struct clocks *clocks = calloc(1, sizeof(*clocks));

    if (clocks == NULL)
        memory_refused();
    return clocks;
}

void
clocks_free(struct clocks *clocks)
{
    free(clocks);
}

static struct str
name_of(const struct party *party)
{
    return (struct str){ party->name, party->name_len };
}

static const struct party *
find(const struct clocks *clocks, struct str name, bool by_date)
{
    for (size_t i = 0; i < clocks->count; i++)
        if (clocks->parties[i].by_date == by_date && str_eq(name_of(&clocks->parties[i]), name))
            return &clocks->parties[i];
    return NULL;
}

/* The party's place: its own, a free one, or that of the party that was heard of longest ago. */
static struct party *
place_for(struct clocks *clocks, struct str name, bool by_date)
{
    const struct party *known = find(clocks, name, by_date);
    struct party *place = &clocks->parties[0];

    if (known != NULL)
        return &clocks->parties[known - clocks->parties];
    for (size_t i = 1; i < clocks->count; i++)
        if (clocks->parties[i].latest_ms < place->latest_ms)
            place = &clocks->parties[i];
    if (clocks->count < COUNT_OF(clocks->parties))
        place = &clocks->parties[clocks->count++];
    *place = (struct party){ .name_len = name.len, .by_date = by_date };
    memcpy(place->name, name.ptr, name.len);
    return place;
}

/* A stamp that was seen before, in a page or posted again, is no new one: the sooner arrival counts. */
static bool
is_known_stamp(struct party *party, int64_t stamp_ms, int64_t ahead_ms)
{
    for (size_t i = 0; i < party->count && !party->by_date; i++)
        if (party->stamps_ms[i] == stamp_ms) {
            party->ahead_ms[i] = ahead_ms > party->ahead_ms[i] ? ahead_ms : party->ahead_ms[i];
            return true;
        }
    return false;
}

static void
note(struct clocks *clocks, struct str name, bool by_date, int64_t stamp_ms, int64_t arrived_ms)
{
    int64_t ahead_ms = stamp_ms - arrived_ms;
    struct party *party;

    if (clocks == NULL || name.len == 0 || name.len > NAME_BYTES || arrived_ms <= 0)
        return;
    party = place_for(clocks, name, by_date);
    if (is_known_stamp(party, stamp_ms, ahead_ms))
        return;
    party->stamps_ms[party->next] = stamp_ms;
    party->ahead_ms[party->next] = ahead_ms;
    party->next = (party->next + 1) % CLOCKS_STAMPS;
    party->count += party->count < CLOCKS_STAMPS ? 1 : 0;
    party->latest_ms = arrived_ms;
}

void
clocks_note_answer(struct clocks *clocks, const struct exchange *exchange)
{
    struct str age = headers_get(&exchange->response_headers, "Age");
    int64_t date;

    if (exchange->status == 0 || exchange->status == 304 || (age.len > 0 && !str_eq_c(str_trim(age), "0")) ||
        !http_date_parse(str_trim(headers_get(&exchange->response_headers, "Date")), &date))
        return;
    note(clocks, exchange->host, true, date, exchange->finished_ms);
}

void
clocks_note_issue(struct clocks *clocks, struct str entity_id, int64_t issued_ms, int64_t arrived_ms)
{
    note(clocks, entity_id, false, issued_ms, arrived_ms);
}

static bool
read_party(const struct party *party, struct clock_reading *reading)
{
    if (party == NULL)
        return false;
    *reading = (struct clock_reading){
        .party = name_of(party),
        .ahead_ms = party->ahead_ms[0],
        .stamps = (unsigned)party->count,
        .by_date = party->by_date,
        .latest_ms = party->latest_ms,
    };
    for (size_t i = 1; i < party->count; i++)
        if (party->ahead_ms[i] > reading->ahead_ms)
            reading->ahead_ms = party->ahead_ms[i];
    return true;
}

bool
clocks_of_host(const struct clocks *clocks, struct str host, struct clock_reading *reading)
{
    return clocks != NULL && read_party(find(clocks, host, true), reading);
}

bool
clocks_of_entity(const struct clocks *clocks, struct str entity_id, struct clock_reading *reading)
{
    return clocks != NULL && read_party(find(clocks, entity_id, false), reading);
}

/* SPDX-License-Identifier: MIT */
#include "xstime.h"

#include <stdio.h>
#include <string.h>

/* Days since 1970-01-01 of a proleptic Gregorian date (March-based year, so that leap days come last). */
static int64_t
days_from_civil(int64_t year, int month, int day)
{
    int64_t era, year_of_era, day_of_year;

    year -= month <= 2;
    era = year / 400;
    year_of_era = year - era * 400;
    day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int
days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* Reads exactly count digits at *at. Returns -1 when there are none. */
static int
digits(struct str s, size_t *at, size_t count)
{
    int value = 0;

    if (s.len < *at + count)
        return -1;
    for (size_t i = 0; i < count; i++) {
        char c = s.ptr[*at + i];

        if (c < '0' || c > '9')
            return -1;
        value = value * 10 + (c - '0');
    }
    *at += count;
    return value;
}

static bool
expect(struct str s, size_t *at, char c)
{
    if (*at >= s.len || s.ptr[*at] != c)
        return false;
    (*at)++;
    return true;
}

static bool
fraction(struct str s, size_t *at, int *ms)
{
    int count = 0, value = 0;

    *ms = 0;
    if (*at >= s.len || s.ptr[*at] != '.')
        return true;
    (*at)++;
    while (*at < s.len && s.ptr[*at] >= '0' && s.ptr[*at] <= '9') {
        if (count < 3)
            value = value * 10 + (s.ptr[*at] - '0');
        count++;
        (*at)++;
    }
    if (count == 0 || count > 9)
        return false;
    for (int i = count; i < 3; i++)
        value *= 10;
    *ms = value;
    return true;
}

static bool
zone(struct str s, size_t *at, enum xstime_zone *kind, int *offset_minutes)
{
    int hours, minutes, sign;

    *offset_minutes = 0;
    if (*at == s.len) {
        *kind = XSTIME_ZONE_NONE;
        return true;
    }
    if (expect(s, at, 'Z')) {
        *kind = XSTIME_ZONE_Z;
        return true;
    }
    if (s.ptr[*at] != '+' && s.ptr[*at] != '-')
        return false;
    sign = s.ptr[(*at)++] == '-' ? -1 : 1;
    hours = digits(s, at, 2);
    if (hours < 0 || !expect(s, at, ':'))
        return false;
    minutes = digits(s, at, 2);
    if (minutes < 0 || minutes > 59 || hours > 14 || (hours == 14 && minutes > 0))
        return false;
    *offset_minutes = sign * (hours * 60 + minutes);
    *kind = *offset_minutes == 0 ? XSTIME_ZONE_UTC : XSTIME_ZONE_OFFSET;
    return true;
}

bool
xstime_parse(struct str s, struct xstime *time)
{
    size_t at = 0;
    int year, month, day, hour, minute, second, ms, offset;
    enum xstime_zone kind;
    int64_t total;

    year = digits(s, &at, 4);
    if (year <= 0 || !expect(s, &at, '-'))
        return false;
    month = digits(s, &at, 2);
    if (month < 1 || month > 12 || !expect(s, &at, '-'))
        return false;
    day = digits(s, &at, 2);
    if (day < 1 || day > days_in_month(year, month) || !expect(s, &at, 'T'))
        return false;
    hour = digits(s, &at, 2);
    if (hour < 0 || hour > 24 || !expect(s, &at, ':'))
        return false;
    minute = digits(s, &at, 2);
    if (minute < 0 || minute > 59 || !expect(s, &at, ':'))
        return false;
    second = digits(s, &at, 2);
    if (second < 0 || second > 59 || !fraction(s, &at, &ms))
        return false;
    if (hour == 24 && (minute != 0 || second != 0 || ms != 0))
        return false;
    if (!zone(s, &at, &kind, &offset) || at != s.len)
        return false;
    total = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    total -= (int64_t)offset * 60;
    *time = (struct xstime){ .ms = total * 1000 + ms, .zone = kind };
    return true;
}

void
xstime_format_into(char *out, size_t size, int64_t ms)
{
    int64_t seconds = ms / 1000, days, z, era, doe, yoe, doy, mp;
    int milli = (int)(ms % 1000), day, month, rest;
    int64_t year;

    if (milli < 0) {
        milli += 1000;
        seconds--;
    }
    days = seconds / 86400;
    rest = (int)(seconds % 86400);
    if (rest < 0) {
        rest += 86400;
        days--;
    }
    z = days + 719468;
    era = (z >= 0 ? z : z - 146096) / 146097;
    doe = z - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    day = (int)(doy - (153 * mp + 2) / 5 + 1);
    month = (int)(mp < 10 ? mp + 3 : mp - 9);
    year = yoe + era * 400 + (month <= 2);
    if (milli != 0)
        snprintf(out, size, "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ", (long long)year, month, day, rest / 3600,
                 rest / 60 % 60, rest % 60, milli);
    else
        snprintf(out, size, "%04lld-%02d-%02dT%02d:%02d:%02dZ", (long long)year, month, day, rest / 3600,
                 rest / 60 % 60, rest % 60);
}

struct str
xstime_format(struct arena *arena, int64_t ms)
{
    char text[48];

    xstime_format_into(text, sizeof(text), ms);
    return arena_copy_c(arena, text);
}

bool
http_date_parse(struct str s, int64_t *ms)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    size_t at = 5;
    int day, month, year, hour, minute, second;

    if (s.len != 29 || s.ptr[3] != ',' || s.ptr[4] != ' ')
        return false;
    day = digits(s, &at, 2);
    if (day < 1 || !expect(s, &at, ' '))
        return false;
    for (month = 1; month <= 12; month++)
        if (memcmp(months + (month - 1) * 3, s.ptr + at, 3) == 0)
            break;
    at += 3;
    if (month > 12 || !expect(s, &at, ' '))
        return false;
    year = digits(s, &at, 4);
    if (year <= 0 || day > days_in_month(year, month) || !expect(s, &at, ' '))
        return false;
    hour = digits(s, &at, 2);
    if (hour < 0 || hour > 23 || !expect(s, &at, ':'))
        return false;
    minute = digits(s, &at, 2);
    if (minute < 0 || minute > 59 || !expect(s, &at, ':'))
        return false;
    second = digits(s, &at, 2);
    if (second < 0 || second > 60 || !str_eq_c(str_from_offset(s, at), " GMT"))
        return false;
    *ms = (days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second) * 1000;
    return true;
}

/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_TESTS_PASTE_MAKER_H
#define SAMLTAP_TESTS_PASTE_MAKER_H

#include "arena.h"
#include "find.h"

/*
 * Texts that people paste, made of templates, and what find_input() must find in them. The messages are a
 * Response and an AuthnRequest without more than they must have.
 *
 *   {B} base64 of the Response         {W} in lines of 64, CRLF      {M} in lines of 60, quoted as mails do
 *   {S} in lines of 60 that end in "=" {Q} deflated request, %XX     {C} the same for cmd.exe, "%" behind a caret
 *   {3} =3D and {Q} broken by "=\r\n"  {P} {B}, %XX                  {p} {B}, %xx
 *   {D} {P}, percent-encoded again     {J} {B}, "/" as "\/" and "=" as "\u003d"
 *   {X} the Response with &lt; …       {R} the Response itself       {Z} {B} with zero width spaces in it
 *   {A} the AuthnRequest itself
 *   {H} base64 of a HAR that posts the Response, in lines of 76      {G} of the same, gzipped
 */
struct str paste_fill(struct arena *arena, const char *text);

struct paste_row {
    const char *text;
    enum input_kind kind;
    const char *wanted; /* messages, those of exchanges included; or the beginning of the problem */
};

/*
 * Fails the test when a row is not found as wanted: each message is "BINDING KIND [URL] [relay=TEXT]
 * [ANOMALY …];".
 */
void paste_check(const struct paste_row *rows, size_t count);

#endif

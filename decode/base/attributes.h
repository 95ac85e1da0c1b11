/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_ATTRIBUTES_H
#define SAMLTAP_ATTRIBUTES_H

/* What the compiler may check for us; gcc and clang know all three. */
#define CHECK_RESULT __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))
#define NO_RETURN __attribute__((noreturn))

/* Number of elements of an array (not of a pointer). */
#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif

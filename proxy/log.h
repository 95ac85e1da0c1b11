/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_LOG_H
#define SAMLTAP_LOG_H

#include "attributes.h"

/*
 * The program's own words, to standard error, one line a call: "samltap: text". The whole line goes
 * through escape_text(), so untrusted parts need no care, and a line feed in it shows as \x0a.
 * errno is the same afterwards.
 */
enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Lines below the level are dropped. The one piece of state; LOG_INFO until set. */
void log_set_level(enum log_level level);

void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warn(const char *format, ...) PRINTF_LIKE(1, 2);
void log_error(const char *format, ...) PRINTF_LIKE(1, 2);

#endif

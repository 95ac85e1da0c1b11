/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_COMMANDS_H
#define SAMLTAP_COMMANDS_H

#include "options.h"

/* The commands, one cmd_NAME.c each. All return an enum exit_code and print their own errors. */
int cmd_inspect(const struct options *options);
int cmd_check(const struct options *options);
int cmd_decode(const struct options *options);
int cmd_export(const struct options *options);
int cmd_import(const struct options *options);
int cmd_checks(const struct options *options);
int cmd_explain(const struct options *options);
int cmd_stats(const struct options *options);
int cmd_ca(const struct options *options);
int cmd_proxy(const struct options *options);
int cmd_lab(const struct options *options);
/* Hidden: the examining child of proxy and lab; descriptor 3 is the pipe. */
int cmd_desk(const struct options *options);

#endif

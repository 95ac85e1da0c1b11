/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CLI_H
#define SAMLTAP_CLI_H

/*
 * The whole program: finds the command, gathers its options (command line over SAMLTAP_*
 * environment over config file) and runs it. Returns the exit code. arguments[0] is the program's
 * name; environment is NULL-terminated.
 */
int cli_main(int count, char *const *arguments, char *const *environment);

#endif

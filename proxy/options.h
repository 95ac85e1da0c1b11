/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_OPTIONS_H
#define SAMLTAP_OPTIONS_H

#include "str.h"

/* Commands as a set: an option says in its row which of them know it. */
enum command_bit {
    COMMAND_PROXY = 1 << 0,
    COMMAND_LAB = 1 << 1,
    COMMAND_INSPECT = 1 << 2,
    COMMAND_DECODE = 1 << 3,
    COMMAND_CHECKS = 1 << 4,
    COMMAND_EXPLAIN = 1 << 5,
    COMMAND_CA = 1 << 6,
    COMMAND_HELP = 1 << 7,
    COMMAND_VERSION = 1 << 8,
    COMMAND_DESK = 1 << 9, /* hidden: the examining child of proxy and lab */
    COMMAND_EXPORT = 1 << 10,
    COMMAND_IMPORT = 1 << 11,
    COMMAND_CHECK = 1 << 12,
    COMMAND_STATS = 1 << 13,
    COMMAND_ALL = (1 << 14) - 1,
    COMMAND_LIVE = COMMAND_PROXY | COMMAND_LAB | COMMAND_DESK,
    COMMAND_EXAMINE = COMMAND_LIVE | COMMAND_INSPECT,
};

/* Every option of the program; option_table.c and option_table_running.c hold one row for each. */
enum option_id {
    OPT_METADATA,
    OPT_IDP_METADATA,
    OPT_SP_METADATA,
    OPT_METADATA_CERT,
    OPT_ENTITY_ID,
    OPT_IDP_CERT,
    OPT_IDP_ENTITY_ID,
    OPT_SP_ENTITY_ID,
    OPT_ACS_URL,
    OPT_REQUEST_ID,
    OPT_NOW,
    OPT_CLOCK_SKEW,
    OPT_DECRYPT_KEY,
    OPT_JWKS,
    OPT_WANT_ASSERTIONS_SIGNED,
    OPT_WANT_RESPONSE_SIGNED,
    OPT_PROFILE,
    OPT_SET,
    OPT_PACK,
    OPT_STRICT,
    OPT_NO_SECOND_OPINION,
    OPT_IDC_USERS,
    OPT_IDC_GROUPS,
    OPT_IDC_MEMBERSHIPS,
    OPT_IDC_ASSIGNMENTS,
    OPT_IAM_ROLE,
    OPT_IAM_SAML_PROVIDER,
    OPT_CLOUDTRAIL,
    OPT_IDP_LOG,
    OPT_EVIDENCE_DIR,
    OPT_EVIDENCE,
    OPT_TEXT,
    OPT_TRACE,
    OPT_BATCH,
    OPT_PARAM,
    OPT_RAW,
    OPT_MESSAGE,
    OPT_EXTRACT,
    OPT_OUTPUT,
    OPT_JSON,
    OPT_JSON_LOG,
    OPT_LISTEN_HOST,
    OPT_LISTEN_PORT,
    OPT_MODE,
    OPT_PRINT_RULES,
    OPT_PRINT_BYPASS,
    OPT_AUTO_BYPASS,
    OPT_CERT,
    OPT_KEY,
    OPT_CONNECT_TO,
    OPT_RESOLVE,
    OPT_UPSTREAM_AUTH,
    OPT_NO_PROXY,
    OPT_UPSTREAM_CA,
    OPT_INSECURE,
    OPT_CLIENT_CERT,
    OPT_FULL_HANDSHAKES,
    OPT_CONNECT_TIMEOUT,
    OPT_ALLOW_HOSTS,
    OPT_IGNORE_HOSTS,
    OPT_NO_HTTP2,
    OPT_MAX_CONNECTIONS,
    OPT_DRAIN_TIMEOUT,
    OPT_METRICS_PORT,
    OPT_STATS_INTERVAL,
    OPT_PROMETHEUS,
    OPT_PID,
    OPT_NO_UI,
    OPT_CA_CERT,
    OPT_CA_KEY,
    OPT_HOSTS,
    OPT_FORMAT,
    OPT_STATE_DIR,
    OPT_FAULT,
    OPT_TARGET,
    OPT_USER,
    OPT_DEMO,
    OPT_ONCE,
    OPT_LIST,
    OPT_LAB_ALL,
    OPT_VISIT,
    OPT_PROXY_PORT,
    OPT_CA,
    OPT_COLOR,
    OPT_QUIET,
    OPT_VERBOSE,
    OPT_CONFIG,
    OPT_PRINT_CONFIG,
    OPT_HELP,
    OPT_VERSION,
    OPTION_COUNT,
};

enum option_type {
    OPTION_FLAG,     /* no argument; "yes" or "no" in files */
    OPTION_TEXT,     /* anything that is not empty */
    OPTION_FILE,     /* a path; opened only by the command */
    OPTION_NUMBER,   /* decimal, from min to max */
    OPTION_TIME,     /* xs:dateTime */
    OPTION_CHOICE,   /* one of the words in choices */
    OPTION_SEVERITY, /* ID=error|warning|info */
    OPTION_REGEX,    /* POSIX extended */
    OPTION_CONNECT,  /* HOST:PORT:TO_HOST:TO_PORT */
    OPTION_RESOLVE,  /* HOST:PORT:ADDRESS */
    OPTION_MODE,     /* see proxy_mode.h */
};

enum option_group {
    GROUP_EXPECT,
    GROUP_KEYS,
    GROUP_EVIDENCE,
    GROUP_INPUT,
    GROUP_NETWORK,
    GROUP_AUTHORITY,
    GROUP_LAB,
    GROUP_OUTPUT,
    GROUP_GENERAL,
    GROUP_COUNT,
};

/* One row is all there is to say about an option: parser, --help, manual and config file print it. */
struct option_row {
    const char *name;
    char letter;          /* 0: none */
    const char *argument; /* "FILE"; NULL for a flag */
    enum option_type type;
    bool list;         /* may be given several times */
    bool here_only;    /* command line only: not in the environment or a file */
    unsigned commands; /* set of enum command_bit */
    enum option_group group;
    uint64_t min, max;    /* OPTION_NUMBER */
    const char *choices;  /* OPTION_CHOICE: words, space separated */
    const char *fallback; /* default as text; NULL none */
    const char *help;     /* one sentence, no full stop */
};

/* The row of an option, of an id below OPTION_COUNT. The tables are constant. */
const struct option_row *option_row(size_t id);
const char *option_group_title(enum option_group group);

/* Where a value came from; a higher origin replaces a lower one. */
enum option_origin { ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_COMMAND_LINE };

/* The values of all options, and the arguments that are none. */
struct options;

struct options *options_new(void);
void options_free(struct options *options); /* NULL is fine */

/*
 * Reads the command line behind the command's name. Returns false and *why (malloc'd, one line: the
 * option, the value, what is accepted).
 */
bool options_parse(struct options *options, unsigned command, const char *command_name, int argc,
                   const char *const *argv, char **why);

/* Reads every SAMLTAP_NAME of a NULL-terminated environment ("SAMLTAP_ACS_URL=…"; lists: one a line). */
bool options_read_environment(struct options *options, const char *const *environment, char **why);

/* Reads the text of a config file: "option value" a line, # starts a comment. name: for messages. */
bool options_read_config(struct options *options, struct str text, const char *name, char **why);

/* The value as text, its default, or NULL. */
const char *options_text(const struct options *options, enum option_id id);
bool options_flag(const struct options *options, enum option_id id);
/* Numbers were checked when they were read; the default counts too. */
uint64_t options_number(const struct options *options, enum option_id id);
size_t options_list_count(const struct options *options, enum option_id id);
const char *options_list_at(const struct options *options, enum option_id id, size_t i);
enum option_origin options_origin(const struct options *options, enum option_id id);
/* "--acs-url", "SAMLTAP_ACS_URL" or "config:12": where that value of a list was given. */
const char *options_list_place(const struct options *options, enum option_id id, size_t i);
/* The same of the first value; NULL: the default. */
const char *options_place(const struct options *options, enum option_id id);

size_t options_argument_count(const struct options *options);
const char *options_argument(const struct options *options, size_t i);

/* Where options come from: the words behind the command's name, and the environment. All borrowed. */
struct option_sources {
    unsigned command; /* enum command_bit; 0: unknown */
    const char *command_name;
    int argc;
    const char *const *argv;
    const char *const *environment;
};

/* Remembers them, for options_gather_again(). */
void options_set_sources(struct options *options, const struct option_sources *sources);
const struct option_sources *options_sources(const struct options *options);

/* True when an option has the same values in both. */
bool options_same(const struct options *one, const struct options *other, enum option_id id);

/* Gives an option the values that it has in from. */
void options_copy(struct options *to, const struct options *from, enum option_id id);

/* The four fields of a --connect-to value, as written and without brackets. Returns false when it is none. */
bool option_connect_to_split(struct str value, struct str *host, struct str *port, struct str *to_host,
                             struct str *to_port);

/* The three fields of a --resolve value; address without brackets. Returns false when it is none. */
bool option_resolve_split(struct str value, struct str *host, struct str *port, struct str *address);

/* Sets a value as if from the command line; for tests and for commands that start other commands. */
bool options_set(struct options *options, enum option_id id, const char *value, char **why);

#endif

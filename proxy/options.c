/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "nearest.h"
#include "proxy_mode.h"
#include "xstime.h"

struct item {
    char *text;
    char *place; /* "--set", "config:12" */
};

struct value {
    enum option_origin origin;
    struct item *items;
    size_t count;
};

struct options {
    struct value values[OPTION_COUNT];
    char **arguments;
    size_t argument_count;
    struct option_sources sources;
};

struct options *
options_new(void)
{
    return xcalloc(1, sizeof(struct options));
}

static void
item_release(struct item *item)
{
    free(item->text);
    free(item->place);
}

static void
value_add(struct value *value, const char *text, const char *place)
{
    struct item *item = xgrow((void **)&value->items, &value->count, sizeof(*value->items));

    *item = (struct item){ .text = xstrdup(text), .place = xstrdup(place) };
}

static void
value_clear(struct value *value)
{
    for (size_t i = 0; i < value->count; i++)
        item_release(&value->items[i]);
    free(value->items);
    *value = (struct value){ 0 };
}

void
options_free(struct options *options)
{
    if (options == NULL)
        return;
    for (size_t i = 0; i < OPTION_COUNT; i++)
        value_clear(&options->values[i]);
    for (size_t i = 0; i < options->argument_count; i++)
        free(options->arguments[i]);
    free(options->arguments);
    free(options);
}

/* --- what each type accepts ---------------------------------------------------------------------- */

static bool
is_word_of(struct str words, const char *word)
{
    struct str first;

    while (str_present(words)) {
        str_cut(words, ' ', &first, &words);
        if (str_eq_c(first, word))
            return true;
    }
    return false;
}

static char *
words_to_sentence(const char *words)
{
    char *sentence = xstrdup(""), *longer;
    struct str rest = str_from(words), word;

    while (str_present(rest)) {
        bool more = str_cut(rest, ' ', &word, &rest);
        const char *joint = !*sentence ? "" : more ? ", " : " or ";

        longer = xprintf("%s%s%.*s", sentence, joint, STR_ARG(word));
        free(sentence);
        sentence = longer;
    }
    return sentence;
}

/* What to write instead of an ID=SEVERITY that is none; NULL: it is one. */
static char *
severity_refusal(const char *value)
{
    struct str id, severity;

    if (!str_cut(str_from(value), '=', &id, &severity) || id.len == 0)
        return xstrdup("ID=error, ID=warning or ID=info");
    if (str_eq_c(severity, "error") || str_eq_c(severity, "warning") || str_eq_c(severity, "info"))
        return NULL;
    return xprintf("error, warning or info behind '%.*s='; a check cannot be switched off", STR_ARG(id));
}

static bool
is_regex(const char *value)
{
    regex_t regex;

    if (regcomp(&regex, value, REG_EXTENDED | REG_NOSUB | REG_ICASE) != 0)
        return false;
    regfree(&regex);
    return true;
}

static bool
number_is_in_range(const struct option_row *row, const char *value)
{
    uint64_t number;

    return str_to_u64(str_from(value), &number) && number >= row->min && number <= row->max;
}

/* Names arrive as DNS has them, so one with other letters would never be met. */
static bool
is_beyond_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80)
        text++;
    return *text != '\0';
}

/* Says what the option accepts, when value is not that. NULL: fine. */
static char *
refusal(const struct option_row *row, const char *value)
{
    struct str host, port, to_host, to_port;
    struct proxy_mode mode;
    const char *modes;
    struct xstime time;

    switch (row->type) {
    case OPTION_FLAG:
        return is_word_of(STR("yes no true false 1 0"), value) ? NULL : xstrdup("yes or no");
    case OPTION_TEXT:
        return *value ? NULL : xstrdup("a text that is not empty");
    case OPTION_FILE:
        return *value ? NULL : xstrdup("a path");
    case OPTION_NUMBER:
        return number_is_in_range(row, value)
                   ? NULL
                   : xprintf("a number from %llu to %llu", (unsigned long long)row->min, (unsigned long long)row->max);
    case OPTION_TIME:
        return xstime_parse(str_from(value), &time) ? NULL : xstrdup("a time like 2026-01-31T12:00:00Z");
    case OPTION_CHOICE:
        return is_word_of(str_from(row->choices), value) ? NULL : words_to_sentence(row->choices);
    case OPTION_SEVERITY:
        return severity_refusal(value);
    case OPTION_REGEX:
        return *value && is_regex(value) ? NULL : xstrdup("a POSIX extended regular expression");
    case OPTION_CONNECT:
        if (is_beyond_ascii(value))
            return xstrdup("the names of hosts as DNS has them (xn--…), not with letters beyond ASCII");
        return option_connect_to_split(str_from(value), &host, &port, &to_host, &to_port)
                   ? NULL
                   : xstrdup("HOST:PORT:TO_HOST:TO_PORT, where fields may be empty");
    case OPTION_RESOLVE:
        if (is_beyond_ascii(value))
            return xstrdup("the name of the host as DNS has it (xn--…), not with letters beyond ASCII");
        return option_resolve_split(str_from(value), &host, &port, &to_host)
                   ? NULL
                   : xstrdup("HOST:PORT:ADDRESS with an IPv4 or IPv6 address (one host and one address; another name: "
                             "--connect-to)");
    case OPTION_MODE:
        modes = proxy_mode_parse(str_from(value), &mode);
        return modes == NULL ? NULL : xstrdup(modes);
    }
    return NULL;
}

/* --- setting ---------------------------------------------------------------------------------------- */

/* Stores a value of that origin unless a higher one is there already. place: "--acs-url", borrowed. */
static bool
set_value(struct options *options, enum option_id id, const char *text, enum option_origin origin, const char *place,
          char **why)
{
    const struct option_row *row = option_row(id);
    struct value *value = &options->values[id];
    char *accepted = refusal(row, text);

    if (accepted != NULL) {
        *why = xprintf("%s: '%s' is not accepted; give %s", place, text, accepted);
        free(accepted);
        return false;
    }
    if (value->count > 0 && origin < value->origin)
        return true;
    if (value->count > 0 && (origin > value->origin || !row->list))
        value_clear(value);
    value->origin = origin;
    value_add(value, text, place);
    return true;
}

bool
options_set(struct options *options, enum option_id id, const char *value, char **why)
{
    char *place = xprintf("--%s", option_row(id)->name);
    bool done = set_value(options, id, value, ORIGIN_COMMAND_LINE, place, why);

    free(place);
    return done;
}

static enum option_id
find_by_name(struct str name)
{
    enum option_id id = 0;

    while (id < OPTION_COUNT && !str_eq_c(name, option_row(id)->name))
        id++;
    return id;
}

static enum option_id
find_by_letter(char letter)
{
    enum option_id id = 0;

    while (id < OPTION_COUNT && (letter == '\0' || option_row(id)->letter != letter))
        id++;
    return id;
}

/* The option whose name is typed most like it, or NULL. commands: which to look at. */
static const struct option_row *
nearest_row(const char *typed, unsigned commands)
{
    const struct option_row *nearest = NULL;
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < OPTION_COUNT; i++) {
        size_t distance = edit_distance(typed, option_row(i)->name);

        if ((option_row(i)->commands & commands) && distance < least) {
            least = distance;
            nearest = option_row(i);
        }
    }
    return edit_distance_is_near(typed, least) ? nearest : NULL;
}

static char *
unknown_option(const char *typed, const char *shown, unsigned command, const char *command_name)
{
    const struct option_row *row = nearest_row(typed, command);

    if (row != NULL)
        return xprintf("unknown option %s; did you mean --%s?", shown, row->name);
    return xprintf("unknown option %s; 'samltap %s --help' lists what there is", shown, command_name);
}

struct command_line {
    struct options *options;
    unsigned command;
    const char *command_name;
    int argc;
    const char *const *argv;
    int at;
};

/* "--name", "--name=value", "--name value". */
static bool
parse_long(struct command_line *line, const char *argument, char **why)
{
    struct str name, value;
    bool has_value = str_cut(str_from(argument + 2), '=', &name, &value);
    enum option_id id = find_by_name(name);
    char *typed = xstrndup(name), *place = xprintf("--%s", typed);
    const char *text = has_value ? value.ptr : NULL;
    bool done = false;

    if (id == OPTION_COUNT) {
        *why = unknown_option(typed, place, line->command, line->command_name);
        goto out;
    }
    if (!(option_row(id)->commands & line->command)) {
        *why = xprintf("%s is not an option of 'samltap %s'; 'samltap %s --help' lists what there is", place,
                       line->command_name, line->command_name);
        goto out;
    }
    if (!has_value && option_row(id)->type == OPTION_FLAG)
        text = "yes";
    else if (!has_value && line->at + 1 < line->argc)
        text = line->argv[++line->at];
    if (text == NULL) {
        *why = xprintf("%s needs a value: %s %s", place, place, option_row(id)->argument);
        goto out;
    }
    done = set_value(line->options, id, text, ORIGIN_COMMAND_LINE, place, why);
out:
    free(typed);
    free(place);
    return done;
}

/* "-q", "-qv": flags only. */
static bool
parse_short(struct command_line *line, const char *argument, char **why)
{
    for (const char *letter = argument + 1; *letter != '\0'; letter++) {
        enum option_id id = find_by_letter(*letter);

        if (id == OPTION_COUNT || !(option_row(id)->commands & line->command)) {
            *why = xprintf("unknown option -%c in '%s'; 'samltap %s --help' lists what there is", *letter, argument,
                           line->command_name);
            return false;
        }
        if (!options_set(line->options, id, "yes", why))
            return false;
    }
    return true;
}

bool
options_parse(struct options *options, unsigned command, const char *command_name, int argc, const char *const *argv,
              char **why)
{
    struct command_line line = {
        .options = options, .command = command, .command_name = command_name, .argc = argc, .argv = argv
    };
    bool only_arguments = false;

    for (line.at = 0; line.at < argc; line.at++) {
        const char *argument = argv[line.at];

        if (!only_arguments && strcmp(argument, "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && strncmp(argument, "--", 2) == 0) {
            if (!parse_long(&line, argument, why))
                return false;
        } else if (!only_arguments && argument[0] == '-' && argument[1] != '\0') {
            if (!parse_short(&line, argument, why))
                return false;
        } else {
            *(char **)xgrow((void **)&options->arguments, &options->argument_count, sizeof(char *)) = xstrdup(argument);
        }
    }
    return true;
}

/* --- environment and file ----------------------------------------------------------------------------- */

/* SAMLTAP_ACS_URL for acs-url. */
static char *
environment_name(const char *name)
{
    char *text = xprintf("SAMLTAP_%s", name);

    for (char *c = text; *c != '\0'; c++)
        *c = *c == '-' ? '_' : (char)toupper((unsigned char)*c);
    return text;
}

static const char *
environment_value(const char *const *environment, const char *name)
{
    size_t length = strlen(name);

    for (; *environment != NULL; environment++)
        if (strncmp(*environment, name, length) == 0 && (*environment)[length] == '=')
            return *environment + length + 1;
    return NULL;
}

static bool
set_from_environment(struct options *options, enum option_id id, const char *name, const char *value, char **why)
{
    struct str rest = str_from(value), line;
    bool done = true;

    if (!option_row(id)->list)
        return set_value(options, id, value, ORIGIN_ENVIRONMENT, name, why);
    while (done && str_present(rest)) {
        char *text;

        str_cut(rest, '\n', &line, &rest);
        text = xstrndup(line);
        done = line.len == 0 || set_value(options, id, text, ORIGIN_ENVIRONMENT, name, why);
        free(text);
    }
    return done;
}

bool
options_read_environment(struct options *options, const char *const *environment, char **why)
{
    bool done = true;

    for (enum option_id id = 0; done && id < OPTION_COUNT; id++) {
        char *name;
        const char *value;

        if (option_row(id)->here_only)
            continue;
        name = environment_name(option_row(id)->name);
        value = environment_value(environment, name);
        if (value != NULL && *value != '\0')
            done = set_from_environment(options, id, name, value, why);
        free(name);
    }
    return done;
}

static bool
read_config_line(struct options *options, struct str line, const char *place, char **why)
{
    size_t name_length = 0;
    struct str name, value;
    enum option_id id;
    char *typed, *text;
    bool done;

    while (name_length < line.len && line.ptr[name_length] != ' ' && line.ptr[name_length] != '\t')
        name_length++;
    name = str_slice(line, 0, name_length);
    value = str_trim(str_from_offset(line, name_length));
    id = find_by_name(name);
    if (id == OPTION_COUNT || option_row(id)->here_only) {
        const struct option_row *row;

        typed = xstrndup(name);
        row = nearest_row(typed, COMMAND_ALL);
        *why = id < OPTION_COUNT ? xprintf("%s: '%s' can only be given on the command line", place, typed)
               : row             ? xprintf("%s: unknown option '%s'; did you mean '%s'?", place, typed, row->name)
                     : xprintf("%s: unknown option '%s'; 'samltap help options' lists what there is", place, typed);
        free(typed);
        return false;
    }
    text = value.len == 0 && option_row(id)->type == OPTION_FLAG ? xstrdup("yes") : xstrndup(value);
    done = set_value(options, id, text, ORIGIN_FILE, place, why);
    free(text);
    return done;
}

bool
options_read_config(struct options *options, struct str text, const char *name, char **why)
{
    struct str rest = text, line;
    bool done = true;

    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL) {
        *why = xprintf("%s: this is no text file; give one 'option value' a line", name);
        return false;
    }
    for (int number = 1; done && str_present(rest); number++) {
        char *place;

        str_cut(rest, '\n', &line, &rest);
        line = str_trim(line);
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        place = xprintf("%s:%d", name, number);
        done = read_config_line(options, line, place, why);
        free(place);
    }
    return done;
}

/* --- reading out ------------------------------------------------------------------------------------- */

const char *
options_text(const struct options *options, enum option_id id)
{
    const struct value *value = &options->values[id];

    return value->count > 0 ? value->items[value->count - 1].text : option_row(id)->fallback;
}

bool
options_flag(const struct options *options, enum option_id id)
{
    const char *text = options_text(options, id);

    return text != NULL && is_word_of(STR("yes true 1"), text);
}

uint64_t
options_number(const struct options *options, enum option_id id)
{
    const char *text = options_text(options, id);
    uint64_t number = 0;

    return text != NULL && str_to_u64(str_from(text), &number) ? number : 0;
}

size_t
options_list_count(const struct options *options, enum option_id id)
{
    return options->values[id].count;
}

const char *
options_list_at(const struct options *options, enum option_id id, size_t i)
{
    return options->values[id].items[i].text;
}

enum option_origin
options_origin(const struct options *options, enum option_id id)
{
    return options->values[id].origin;
}

const char *
options_list_place(const struct options *options, enum option_id id, size_t i)
{
    return options->values[id].items[i].place;
}

const char *
options_place(const struct options *options, enum option_id id)
{
    return options->values[id].count > 0 ? options_list_place(options, id, 0) : NULL;
}

size_t
options_argument_count(const struct options *options)
{
    return options->argument_count;
}

const char *
options_argument(const struct options *options, size_t i)
{
    return options->arguments[i];
}

/* --- reading again ----------------------------------------------------------------------------------- */

void
options_set_sources(struct options *options, const struct option_sources *sources)
{
    options->sources = *sources;
}

const struct option_sources *
options_sources(const struct options *options)
{
    return &options->sources;
}

bool
options_same(const struct options *one, const struct options *other, enum option_id id)
{
    const struct value *a = &one->values[id], *b = &other->values[id];
    bool same = a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i].text, b->items[i].text) == 0;
    return same;
}

void
options_copy(struct options *to, const struct options *from, enum option_id id)
{
    const struct value *given = &from->values[id];
    struct value *value = &to->values[id];

    value_clear(value);
    value->origin = given->origin;
    for (size_t i = 0; i < given->count; i++)
        value_add(value, given->items[i].text, given->items[i].place);
}

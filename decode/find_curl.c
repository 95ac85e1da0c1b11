/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "find_parts.h"
#include "json_text.h"
#include "shell_words.h"

/*
 * "Copy as cURL" of browsers (for a POSIX shell and for cmd.exe), and commands that people paste into
 * tickets. Nothing is run; files that a command names are not read.
 */
enum curl_meaning {
    CURL_FLAG, /* no argument, no matter */
    CURL_SKIP, /* an argument that does not matter */
    CURL_URL,
    CURL_METHOD,
    CURL_HEADER,
    CURL_COOKIE,
    CURL_AGENT,
    CURL_REFERER,
    CURL_DATA, /* "@" names a file */
    CURL_DATA_RAW,
    CURL_DATA_URLENCODE,
    CURL_JSON,
    CURL_FORM,
    CURL_GET,
    CURL_HEAD,
};

static const struct {
    char letter; /* 0: none */
    const char *name;
    enum curl_meaning meaning;
} options[] = {
    { 0, "url", CURL_URL },
    { 'X', "request", CURL_METHOD },
    { 'H', "header", CURL_HEADER },
    { 'b', "cookie", CURL_COOKIE },
    { 'A', "user-agent", CURL_AGENT },
    { 'e', "referer", CURL_REFERER },
    { 'd', "data", CURL_DATA },
    { 0, "data-ascii", CURL_DATA },
    { 0, "data-binary", CURL_DATA },
    { 0, "data-raw", CURL_DATA_RAW },
    { 0, "data-urlencode", CURL_DATA_URLENCODE },
    { 0, "json", CURL_JSON },
    { 'F', "form", CURL_FORM },
    { 0, "form-string", CURL_FORM },
    { 'G', "get", CURL_GET },
    { 'I', "head", CURL_HEAD },
    { 'o', "output", CURL_SKIP },
    { 'c', "cookie-jar", CURL_SKIP },
    { 'D', "dump-header", CURL_SKIP },
    { 'E', "cert", CURL_SKIP },
    { 'T', "upload-file", CURL_SKIP },
    { 'U', "proxy-user", CURL_SKIP },
    { 'K', "config", CURL_SKIP },
    { 'm', "max-time", CURL_SKIP },
    { 'u', "user", CURL_SKIP },
    { 'w', "write-out", CURL_SKIP },
    { 'x', "proxy", CURL_SKIP },
    { 0, "cacert", CURL_SKIP },
    { 0, "capath", CURL_SKIP },
    { 0, "cert-type", CURL_SKIP },
    { 0, "ciphers", CURL_SKIP },
    { 0, "connect-timeout", CURL_SKIP },
    { 0, "connect-to", CURL_SKIP },
    { 0, "interface", CURL_SKIP },
    { 0, "key", CURL_SKIP },
    { 0, "max-redirs", CURL_SKIP },
    { 0, "noproxy", CURL_SKIP },
    { 0, "pass", CURL_SKIP },
    { 0, "resolve", CURL_SKIP },
    { 0, "retry", CURL_SKIP },
    { 0, "stderr", CURL_SKIP },
    { 0, "tls-max", CURL_SKIP },
    { 0, "trace", CURL_SKIP },
    { 0, "trace-ascii", CURL_SKIP },
};

enum { MAX_DATA = 8 * 1024 * 1024 };
#define FORM_BOUNDARY "samltap-form"

struct curl_command {
    struct arena *arena;
    struct exchange *exchange;
    struct buf data;      /* --data…, joined with "&" */
    struct buf form;      /* --form parts */
    struct str data_type; /* Content-Type when none is given */
    struct str url;
    bool get;
    bool names_file; /* a part of the body is in a file that we do not have */
};

static bool
add_header(struct curl_command *command, struct str name, struct str value)
{
    return json_text_add_header(command->arena, &command->exchange->request_headers, name, value);
}

static bool
take_header(struct curl_command *command, struct str text)
{
    struct str name, value;

    if (!str_cut(text, ':', &name, &value) || str_trim(name).len == 0)
        return true; /* "X-Empty;" and "@file" */
    return add_header(command, str_trim(name), str_trim(value));
}

static void
take_data(struct curl_command *command, struct str text, bool may_be_file)
{
    if (command->data.len > 0)
        buf_add_byte(&command->data, '&');
    if (may_be_file && str_starts_c(text, "@"))
        command->names_file = true;
    else
        buf_add_str(&command->data, text);
}

/* "text", "=text", "name=text"; "@file" and "name@file" are not read. */
static void
take_urlencode(struct curl_command *command, struct str text)
{
    struct buf encoded;
    struct str name, value;

    if (!str_cut(text, '=', &name, &value)) {
        if (str_find_byte(text, '@') != SIZE_MAX) {
            command->names_file = true;
            return;
        }
        name = STR("");
        value = text;
    }
    buf_init(&encoded, MAX_DATA);
    json_text_add_pair(&encoded, STR(""), value, false);
    if (command->data.len > 0)
        buf_add_byte(&command->data, '&');
    buf_add_str(&command->data, name);
    buf_add_str(&command->data, str_from_offset(buf_str(&encoded), name.len > 0 ? 0 : 1));
    buf_release(&encoded);
}

static void
take_form(struct curl_command *command, struct str text)
{
    struct str name, value;

    if (!str_cut(text, '=', &name, &value))
        return;
    if (str_starts_c(value, "@") || str_starts_c(value, "<")) {
        command->names_file = true;
        return;
    }
    buf_add_c(&command->form, "--" FORM_BOUNDARY "\r\nContent-Disposition: form-data; name=\"");
    buf_add_str(&command->form, name);
    buf_add_c(&command->form, "\"\r\n\r\n");
    buf_add_str(&command->form, value);
    buf_add_c(&command->form, "\r\n");
}

/* One option with its argument (absent for flags). False: the arena refuses. */
static bool
take_option(struct curl_command *command, enum curl_meaning meaning, struct str value)
{
    switch (meaning) {
    case CURL_URL:
        command->url = value;
        return true;
    case CURL_METHOD:
        command->exchange->method = value;
        return true;
    case CURL_HEADER:
        return take_header(command, value);
    case CURL_COOKIE: /* without "=" it names a file */
        return str_find_byte(value, '=') == SIZE_MAX || add_header(command, STR("Cookie"), value);
    case CURL_AGENT:
        return add_header(command, STR("User-Agent"), value);
    case CURL_REFERER:
        return add_header(command, STR("Referer"), value);
    case CURL_JSON:
        command->data_type = STR("application/json");
        take_data(command, value, true);
        return true;
    case CURL_DATA:
    case CURL_DATA_RAW:
        take_data(command, value, meaning == CURL_DATA);
        return true;
    case CURL_DATA_URLENCODE:
        take_urlencode(command, value);
        return true;
    case CURL_FORM:
        take_form(command, value);
        return true;
    case CURL_GET:
        command->get = true;
        return true;
    case CURL_HEAD:
        command->exchange->method = STR("HEAD");
        return true;
    case CURL_FLAG:
    case CURL_SKIP:
        break;
    }
    return true;
}

static bool
has_argument(enum curl_meaning meaning)
{
    return meaning != CURL_FLAG && meaning != CURL_GET && meaning != CURL_HEAD;
}

static enum curl_meaning
meaning_of(struct str name, char letter)
{
    for (size_t i = 0; i < COUNT_OF(options); i++)
        if (letter != 0 ? options[i].letter == letter : str_eq_c(name, options[i].name))
            return options[i].meaning;
    return CURL_FLAG;
}

/* Letters may be joined: "-sXPOST". The argument is the rest of the word or the next one. */
static bool
take_letters(struct curl_command *command, struct str word, struct str next, bool *used_next)
{
    for (size_t i = 1; i < word.len; i++) {
        enum curl_meaning meaning = meaning_of((struct str){ 0 }, word.ptr[i]);
        struct str value = str_from_offset(word, i + 1);

        if (!has_argument(meaning)) {
            if (!take_option(command, meaning, (struct str){ 0 }))
                return false;
            continue;
        }
        *used_next = value.len == 0;
        return take_option(command, meaning, *used_next ? next : value);
    }
    return true;
}

static bool
take_words(struct curl_command *command, const struct shell_command *words)
{
    for (size_t i = 1; i < words->count; i++) {
        struct str word = words->items[i], next = i + 1 < words->count ? words->items[i + 1] : STR("");
        bool used_next = false;

        if (str_starts_c(word, "--") && word.len > 2) {
            enum curl_meaning meaning = meaning_of(str_from_offset(word, 2), 0);

            used_next = has_argument(meaning);
            if (!take_option(command, meaning, used_next ? next : (struct str){ 0 }))
                return false;
        } else if (str_starts_c(word, "-") && word.len > 1) {
            if (!take_letters(command, word, next, &used_next))
                return false;
        } else if (!str_present(command->url)) {
            command->url = word;
        }
        i += used_next;
    }
    return true;
}

static bool
finish_body(struct curl_command *command)
{
    struct exchange *exchange = command->exchange;
    struct str type = command->data_type, body;

    if (command->form.len > 0) {
        buf_add_c(&command->form, "--" FORM_BOUNDARY "--\r\n");
        type = STR("multipart/form-data; boundary=" FORM_BOUNDARY);
    }
    if (buf_failed(&command->form) || buf_failed(&command->data))
        return false;
    body = arena_copy(command->arena, buf_str(command->form.len > 0 ? &command->form : &command->data));
    if (body.len == 0 && !command->names_file)
        return !arena_failed(command->arena);
    exchange->request_body = (struct body){ .bytes = body, .size = body.len, .cut = command->names_file };
    if (exchange->method.len == 0)
        exchange->method = STR("POST");
    return str_present(headers_get(&exchange->request_headers, "Content-Type")) ||
           add_header(command, STR("Content-Type"), type);
}

/* -G puts the data behind the URL. */
static struct str
url_of(struct curl_command *command)
{
    struct str url = command->url, data = buf_str(&command->data);
    const char *join = str_find_byte(url, '?') == SIZE_MAX ? "?" : "&";

    if (!str_starts_nocase(url, STR("http://")) && !str_starts_nocase(url, STR("https://")))
        url = arena_printf(command->arena, "http://%.*s", STR_ARG(url));
    if (command->get && data.len > 0) {
        url = arena_printf(command->arena, "%.*s%s%.*s", STR_ARG(url), join, STR_ARG(data));
        buf_reset(&command->data);
    }
    return url;
}

/* *known: the words are a command with a URL. False: memory is out. */
static bool
read_command(struct arena *arena, const struct shell_command *words, struct exchange *exchange, bool *known)
{
    struct curl_command command = { .arena = arena, .exchange = exchange };
    bool ok;

    *exchange = (struct exchange){ 0 };
    *known = false;
    command.data_type = STR("application/x-www-form-urlencoded");
    buf_init(&command.data, MAX_DATA);
    buf_init(&command.form, MAX_DATA);
    ok = take_words(&command, words);
    if (ok && command.url.len > 0)
        *known = exchange_set_url(arena, exchange, url_of(&command));
    ok = ok && finish_body(&command);
    if (exchange->method.len == 0)
        exchange->method = STR("GET");
    buf_release(&command.data);
    buf_release(&command.form);
    return ok && !arena_failed(arena);
}

static bool
is_curl(struct str word)
{
    return str_eq_c(word, "curl") || str_eq_c(word, "curl.exe") || str_ends_c(word, "/curl");
}

bool
find_is_curl(struct str text)
{
    struct str word, rest, s = str_trim(text);

    if (str_starts_c(s, "$ ") || str_starts_c(s, "> ") || str_starts_c(s, "# "))
        s = str_trim(str_from_offset(s, 2));
    str_cut(s, ' ', &word, &rest);
    return is_curl(word) && rest.len > 0;
}

bool
find_curl(struct arena *arena, struct str text, struct exchange **exchanges, size_t *count)
{
    struct shell_command words;
    bool is_cmd = shell_words_are_cmd(text);
    size_t capacity = 0;

    *exchanges = NULL;
    *count = 0;
    while (text.len > 0) {
        struct exchange exchange;
        bool known;

        if (!shell_words_read(arena, &text, is_cmd, &words))
            return false;
        if (words.count > 1 && (str_eq_c(words.items[0], "$") || str_eq_c(words.items[0], ">"))) {
            words.items++;
            words.count--;
        }
        if (words.count < 2 || !is_curl(words.items[0]))
            continue;
        if (!read_command(arena, &words, &exchange, &known) ||
            !arena_grow(arena, (void **)exchanges, *count, &capacity, sizeof(**exchanges)))
            return false;
        exchange.number = *count + 1;
        if (known)
            (*exchanges)[(*count)++] = exchange;
    }
    return true;
}

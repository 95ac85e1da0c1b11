/* SPDX-License-Identifier: MIT */
#include "input_argument.h"

#include <unistd.h>

#include "file.h"

enum { MIN_BASE64 = 60 /* names of files are shorter, or have a dot */ };

static bool
is_url(const char *argument)
{
    return str_starts_nocase(str_from(argument), STR("https://")) ||
           str_starts_nocase(str_from(argument), STR("http://"));
}

static bool
is_base64(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              str_find_byte(STR("+/=-_%\r\n"), c) != SIZE_MAX))
            return false;
    }
    return text.len >= MIN_BASE64;
}

/* No file has such a name: it was pasted. */
static bool
looks_pasted(struct str text)
{
    static const char *const starts[] = { "SAMLResponse=",
                                          "SAMLRequest=",
                                          "SAMLart=",
                                          "wresult=",
                                          "wa=wsign",
                                          "Bearer ",
                                          "Authorization: ",
                                          "<",
                                          "{",
                                          "[",
                                          "eyJ",
                                          "?",
                                          "#",
                                          "curl ",
                                          "fetch(" };

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (str_starts_c(text, starts[i]))
            return true;
    return str_find_c(text, "://") != SIZE_MAX || str_find_byte(text, '\n') != SIZE_MAX || is_base64(text);
}

bool
input_argument_is_input(const char *argument)
{
    return is_url(argument) || (looks_pasted(str_from(argument)) && access(argument, F_OK) != 0);
}

bool
input_argument_read(const char *argument, size_t max_bytes, struct buf *bytes, char **why)
{
    if (!input_argument_is_input(argument))
        return file_read_input(argument, max_bytes, bytes, why);
    buf_init(bytes, max_bytes);
    buf_add_c(bytes, argument);
    return true;
}

const char *
input_argument_name(const char *argument)
{
    if (is_url(argument))
        return "the URL given";
    return input_argument_is_input(argument) ? "the text given" : file_display_name(argument);
}

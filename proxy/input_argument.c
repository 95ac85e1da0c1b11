/* SPDX-License-Identifier: MIT */
#include "input_argument.h"

#include "file.h"

bool
input_argument_is_input(const char *argument)
{
    static const char *const starts[] = { "https://", "http://",  "SAMLResponse=", "SAMLRequest=",
                                          "SAMLart=", "wresult=", "wa=wsign" };

    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (str_starts_nocase(str_from(argument), str_from(starts[i])))
            return true;
    return false;
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
    return input_argument_is_input(argument) ? "the URL given" : file_display_name(argument);
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "hello.h"

/* More bytes never take back what was said; what is read is printable and ends. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct hello *hello)
{
    struct str name = str_from(hello->name), protocol = str_from(hello->first_protocol);

    if (name.len > HELLO_MAX_NAME || protocol.len >= sizeof hello->first_protocol)
        abort();
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] >= 127 || (name.ptr[i] >= 'A' && name.ptr[i] <= 'Z'))
            abort();
    for (size_t i = 0; i < protocol.len; i++)
        if (protocol.ptr[i] <= ' ' || protocol.ptr[i] >= 127)
            abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str bytes = { (const char *)data, size };
    struct hello whole, part;
    enum hello_result result = hello_parse(bytes, &whole), before;

    if (result == HELLO_TLS)
        check(&whole);
    before = hello_parse(str_slice(bytes, 0, size / 2), &part);
    if ((before == HELLO_TLS || before == HELLO_NOT_TLS) && before != result)
        abort();
    return 0;
}

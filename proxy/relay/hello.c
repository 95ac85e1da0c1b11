/* SPDX-License-Identifier: MIT */
#include "hello.h"

#include <string.h>

enum {
    RECORD_HEADER = 5,
    RECORD_HANDSHAKE = 22,
    CLIENT_HELLO = 1,
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_ALPN = 16,
    EXTENSION_ENCRYPTED_HELLO = 0xfe0d,
    MAX_RECORD = 16 * 1024
};

/* Reads big-endian numbers off the front; the first one that does not fit makes it fail for good. */
struct cursor {
    const unsigned char *at;
    size_t left;
    bool failed;
};

static unsigned
take_number(struct cursor *cursor, size_t bytes)
{
    unsigned number = 0;

    if (cursor->failed || cursor->left < bytes) {
        cursor->failed = true;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | cursor->at[i];
    cursor->at += bytes;
    cursor->left -= bytes;
    return number;
}

/* The vector whose length stands in length_bytes bytes before it. */
static struct cursor
take_vector(struct cursor *cursor, size_t length_bytes)
{
    size_t len = take_number(cursor, length_bytes);
    struct cursor part = { cursor->at, len, false };

    if (cursor->failed || cursor->left < len) {
        cursor->failed = true;
        return (struct cursor){ NULL, 0, true };
    }
    cursor->at += len;
    cursor->left -= len;
    return part;
}

static void
skip(struct cursor *cursor, size_t bytes)
{
    if (cursor->left < bytes) {
        cursor->failed = true;
        return;
    }
    cursor->at += bytes;
    cursor->left -= bytes;
}

/*
 * Joins the handshake bytes of the leading records in out (which has room for all of them). Returns
 * false when what is there cannot be the beginning of a TLS handshake.
 */
static bool
join_records(struct str bytes, unsigned char *out, size_t *out_len)
{
    const unsigned char *p = (const unsigned char *)bytes.ptr;
    size_t left = bytes.len, record, have;

    *out_len = 0;
    while (left > 0) {
        if (p[0] != RECORD_HANDSHAKE || (left > 1 && p[1] != 3) || (left > 2 && p[2] > 4))
            return *out_len > 0; /* what follows the ClientHello is not looked at */
        if (left < RECORD_HEADER)
            return true;
        record = (size_t)p[3] << 8 | p[4];
        if (record == 0 || record > MAX_RECORD)
            return false;
        have = left - RECORD_HEADER < record ? left - RECORD_HEADER : record;
        memcpy(out + *out_len, p + RECORD_HEADER, have);
        *out_len += have;
        p += RECORD_HEADER + have;
        left -= RECORD_HEADER + have;
    }
    return true;
}

static void
read_server_name(struct cursor extension, struct hello *hello)
{
    struct cursor list = take_vector(&extension, 2);
    unsigned type = take_number(&list, 1);
    struct cursor name = take_vector(&list, 2);

    if (name.failed || type != 0 || name.left == 0 || name.left > HELLO_MAX_NAME)
        return;
    for (size_t i = 0; i < name.left; i++) {
        unsigned char c = name.at[i];

        if (c <= ' ' || c >= 127) {
            hello->name[0] = '\0';
            return;
        }
        hello->name[i] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    hello->name[name.left] = '\0';
}

static void
read_protocols(struct cursor extension, struct hello *hello)
{
    struct cursor list = take_vector(&extension, 2);

    hello->has_alpn = true;
    hello->offers_http1 = false;
    while (!list.failed && list.left > 0) {
        struct cursor protocol = take_vector(&list, 1);
        struct str name = { (const char *)protocol.at, protocol.left };

        if (protocol.failed)
            return;
        if (hello->first_protocol[0] == '\0')
            for (size_t i = 0; i < name.len && i + 1 < sizeof hello->first_protocol; i++)
                hello->first_protocol[i] = name.ptr[i] > ' ' && name.ptr[i] < 127 ? name.ptr[i] : '?';
        if (str_eq_c(name, "http/1.1") || str_eq_c(name, "http/1.0"))
            hello->offers_http1 = true;
        else if (str_eq_c(name, "h2"))
            hello->offers_http2 = true;
    }
}

static bool
read_body(struct cursor body, struct hello *hello)
{
    struct cursor extensions;

    skip(&body, 2 + 32);   /* legacy_version, random */
    take_vector(&body, 1); /* session id */
    take_vector(&body, 2); /* cipher suites */
    take_vector(&body, 1); /* compression methods */
    if (body.failed)
        return false;
    if (body.left == 0)
        return true; /* no extensions: old, but legal */
    extensions = take_vector(&body, 2);
    while (!extensions.failed && extensions.left > 0) {
        unsigned type = take_number(&extensions, 2);
        struct cursor extension = take_vector(&extensions, 2);

        if (extension.failed)
            return false;
        if (type == EXTENSION_SERVER_NAME)
            read_server_name(extension, hello);
        else if (type == EXTENSION_ALPN)
            read_protocols(extension, hello);
        else if (type == EXTENSION_ENCRYPTED_HELLO)
            hello->has_encrypted_hello = true;
    }
    return !extensions.failed;
}

enum hello_result
hello_parse(struct str bytes, struct hello *hello)
{
    unsigned char handshake[HELLO_MAX_BYTES];
    size_t len;
    struct cursor cursor;
    bool is_full = bytes.len >= HELLO_MAX_BYTES;

    if (bytes.len > HELLO_MAX_BYTES)
        bytes.len = HELLO_MAX_BYTES;
    if (!join_records(bytes, handshake, &len))
        return HELLO_NOT_TLS;
    if (len > 0 && handshake[0] != CLIENT_HELLO)
        return HELLO_NOT_TLS;
    if (len < 4)
        return is_full ? HELLO_NOT_TLS : HELLO_MORE;
    cursor = (struct cursor){ handshake + 1, len - 1, false };
    if (((size_t)handshake[1] << 16 | (size_t)handshake[2] << 8 | handshake[3]) > cursor.left - 3)
        return is_full ? HELLO_NOT_TLS : HELLO_MORE;
    *hello = (struct hello){ .offers_http1 = true };
    return read_body(take_vector(&cursor, 3), hello) ? HELLO_TLS : HELLO_NOT_TLS;
}

/* SPDX-License-Identifier: MIT */
#include "conn_socks.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "conn_request.h"

enum {
    VERSION = 5,
    NO_AUTHENTICATION = 0,
    NOT_ACCEPTABLE = 0xff,
    COMMAND_CONNECT = 1,
    ADDRESS_IPV4 = 1,
    ADDRESS_NAME = 3,
    ADDRESS_IPV6 = 4,
    REPLY_SUCCEEDED = 0,
    REPLY_GENERAL_FAILURE = 1,
    REPLY_COMMAND_NOT_SUPPORTED = 7,
    REPLY_ADDRESS_NOT_SUPPORTED = 8,
    GREETING_BYTES = 2, /* then the methods */
    REQUEST_BYTES = 4,  /* then address and port */
    PORT_BYTES = 2,
    MAX_BYTES = 1024, /* of both, with room for a ClientHello that follows */
};

/* Nothing of the messages may be read as signed. */
static unsigned
byte_at(struct str bytes, size_t at)
{
    return (unsigned char)bytes.ptr[at];
}

/* RFC 1928 6; the bound address is of no use to anybody and is all zeros. */
static bool
reply(struct conn *conn, char code)
{
    const char bytes[] = { VERSION, code, 0, ADDRESS_IPV4, 0, 0, 0, 0, 0, 0 };

    return stream_write(&conn->client, (struct str){ bytes, sizeof bytes });
}

static void
refuse(struct conn *conn, char code)
{
    reply(conn, code);
    conn_note_reason(conn, CLOSE_BAD_REQUEST);
    conn_go(conn, CONN_LINGER);
}

/* Returns the size of the greeting that was answered, 0 when more is needed or the connection is over. */
static size_t
greet(struct conn *conn, struct str bytes)
{
    char answer[] = { VERSION, NO_AUTHENTICATION };
    struct str methods;

    if (bytes.len > 0 && byte_at(bytes, 0) != VERSION) {
        conn_close(conn, CLOSE_BAD_REQUEST);
        return 0;
    }
    if (bytes.len < GREETING_BYTES || bytes.len < GREETING_BYTES + byte_at(bytes, 1))
        return 0;
    methods = str_slice(bytes, GREETING_BYTES, byte_at(bytes, 1));
    if (str_find_byte(methods, NO_AUTHENTICATION) == SIZE_MAX) {
        answer[1] = (char)NOT_ACCEPTABLE;
        stream_write(&conn->client, (struct str){ answer, sizeof answer });
        conn_note_reason(conn, CLOSE_BAD_REQUEST);
        conn_go(conn, CONN_LINGER);
        return 0;
    }
    if (!stream_write(&conn->client, (struct str){ answer, sizeof answer })) {
        conn_close(conn, conn_end_reason(conn, PUMP_CLIENT));
        return 0;
    }
    return GREETING_BYTES + methods.len;
}

/* Where the port begins; 0: more bytes are needed to tell. */
static size_t
address_end(struct str request)
{
    if (request.len < REQUEST_BYTES)
        return 0;
    switch (byte_at(request, 3)) {
    case ADDRESS_IPV4:
        return REQUEST_BYTES + 4;
    case ADDRESS_IPV6:
        return REQUEST_BYTES + 16;
    default:
        return request.len > REQUEST_BYTES ? REQUEST_BYTES + 1 + byte_at(request, REQUEST_BYTES) : 0;
    }
}

static bool
read_address(struct conn *conn, struct str request)
{
    const char *address = request.ptr + REQUEST_BYTES;

    switch (byte_at(request, 3)) {
    case ADDRESS_IPV4:
        return inet_ntop(AF_INET, address, conn->host, sizeof conn->host) != NULL;
    case ADDRESS_IPV6:
        return inet_ntop(AF_INET6, address, conn->host, sizeof conn->host) != NULL;
    default:
        return conn_set_host(conn, (struct str){ address + 1, byte_at(request, REQUEST_BYTES) });
    }
}

/* Takes a whole request. Returns its size, 0 when more is needed or the connection is over. */
static size_t
take_request(struct conn *conn, struct str request)
{
    size_t end = address_end(request);
    unsigned type;

    if (request.len >= REQUEST_BYTES && byte_at(request, 0) != VERSION) {
        conn_close(conn, CLOSE_BAD_REQUEST);
        return 0;
    }
    if (end == 0 || request.len < end + PORT_BYTES)
        return 0;
    type = byte_at(request, 3);
    conn->port = byte_at(request, end) << 8 | byte_at(request, end + 1);
    if (byte_at(request, 1) != COMMAND_CONNECT)
        refuse(conn, REPLY_COMMAND_NOT_SUPPORTED);
    else if (type != ADDRESS_IPV4 && type != ADDRESS_NAME && type != ADDRESS_IPV6)
        refuse(conn, REPLY_ADDRESS_NOT_SUPPORTED);
    else if (conn->port == 0 || !read_address(conn, request))
        refuse(conn, REPLY_GENERAL_FAILURE);
    else if (!reply(conn, REPLY_SUCCEEDED))
        conn_close(conn, conn_end_reason(conn, PUMP_CLIENT));
    else
        return end + PORT_BYTES;
    return 0;
}

void
conn_socks(struct conn *conn)
{
    size_t used;

    if (!conn_read_more(conn, MAX_BYTES))
        return;
    stream_watch(&conn->client, true);
    if (!conn->socks_greeted) {
        used = greet(conn, conn_bytes_ahead(conn));
        conn->client.in_used += used;
        conn->socks_greeted = used > 0;
    }
    if (!conn->socks_greeted)
        return;
    used = take_request(conn, conn_bytes_ahead(conn));
    conn->client.in_used += used;
    if (used > 0)
        conn_decide_by_address(conn);
}

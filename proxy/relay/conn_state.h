/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_STATE_H
#define SAMLTAP_CONN_STATE_H

#include "core.h"
#include "pump.h"
#include "tls_io.h"

/*
 * One client connection. The steps (conn_request, conn_server, conn_client, conn_serve, plain) each do
 * what is to be done in a state and call conn_go() when it is over; conn.c runs them and frees.
 */
enum conn_state {
    CONN_REQUEST,     /* the first bytes: CONNECT, or a plain request */
    CONN_SOCKS,       /* the first bytes of a SOCKS5 client */
    CONN_TRANSPARENT, /* the first bytes of a client that was led here */
    CONN_HELLO,       /* the server is known: what does the client speak? */
    CONN_DIAL,        /* name look-up and TCP to the server */
    CONN_SERVER_TLS,  /* handshake with the server; at the same time with the client when the server is known */
    CONN_CLIENT_TLS,  /* handshake with the client */
    CONN_PUMP,        /* bytes go both ways */
    CONN_PLAIN,       /* plain http:// requests, one after the other */
    CONN_PAGE,        /* waits for a request that we answer ourselves */
    CONN_LINGER,      /* all is said: the client may read it to the end */
    CONN_CLOSED,
    CONN_STATE_COUNT,
};

/* What becomes of the connection. */
enum conn_kind {
    CONN_UNDECIDED,
    CONN_INTERCEPTED,
    CONN_TUNNELLED,
    CONN_PLAIN_HTTP,
    CONN_SITE, /* our own pages */
};

struct plain;
struct http1_pair;

/* Where events go; conn.c provides them, so that the steps need not know it. */
struct conn_callbacks {
    event_callback_fn on_server;
    void (*on_dialled)(void *data, int fd);
};

enum { CONN_MAX_HOST = 255 };

struct conn {
    struct core *core;
    const struct way *way; /* by which the client came */
    struct conn *previous, *next;
    const struct conn_callbacks *callbacks;
    uint64_t number;
    enum conn_state state;
    enum conn_kind kind;
    unsigned ready;              /* ends that may have something to read: PUMP_CLIENT_READY … */
    unsigned deadline;           /* tick at which the state has lasted too long */
    unsigned last_tick;          /* of the last bytes, in CONN_PUMP and CONN_PLAIN */
    bool socks_greeted;          /* in CONN_SOCKS */
    unsigned offers;             /* of the client's ALPN what we know: TRUST_HTTP1 | TRUST_HTTP2; 0: it sent none */
    enum leaf_protocol protocol; /* that the server chose, and that is given to the client */
    bool is_known;               /* protocol is what the server chose lately: the client need not wait for it */
    struct stream client, server;
    struct pump pump;
    struct upstream *upstream; /* while dialling */
    struct trust_peer *peer;   /* of the server's TLS */
    struct tap *tap;
    struct tap_origin origin;
    struct http1_pair *page_pair; /* in CONN_PAGE, over HTTP/1.1 */
    const char *refusal;          /* static: what is wrong with whatever is asked in CONN_PAGE; NULL: nothing */
    struct plain *plain;
    const char *tunnel_reason; /* why not opened; "" */
    unsigned generation;       /* of the settings when it began */
    enum close_reason reason;  /* why it ends, as noted so far */
    enum exchange_problem problem;
    char *problem_text; /* malloc'd; NULL: none */
    bool problem_told;  /* an exchange says it */
    int64_t started_ms;
    unsigned port;
    char host[CONN_MAX_HOST + 1];      /* that the client asked for, lower case, no brackets */
    char name[CONN_MAX_HOST + 1];      /* that TLS names towards the server: SNI, or host */
    char leaf_name[CONN_MAX_HOST + 1]; /* that our certificate is for; another one only in reverse mode */
    char client_address[64];           /* without port */
    char reason_text[120];             /* backs tunnel_reason when it is not static */
};

/* Enters the first state, which the way in decides. */
void conn_begin(struct conn *conn);

/* The one transition: asserts that the edge exists, sets the deadline. */
void conn_go(struct conn *conn, enum conn_state state);

/* Says why the connection will end, where that is known before it does. The first word stays. */
void conn_note_reason(struct conn *conn, enum close_reason reason);

/*
 * The one teardown: tells open exchanges, closes both ends, counts the reason: the noted one, else this one. The
 * memory goes when the event is over.
 */
void conn_close(struct conn *conn, enum close_reason reason);

/* How this end of the connection ended: by a reset, or closed. */
enum close_reason conn_end_reason(const struct conn *conn, enum pump_end end);

/* Why a connection ends that has this problem with the server's TLS. */
enum close_reason conn_problem_reason(enum exchange_problem problem);

/* Notes the (first) problem with the server; text is copied. */
void conn_set_problem(struct conn *conn, enum exchange_problem problem, const char *text);

/*
 * Makes the tap of this connection. scheme: static; names_host: false when each request names its own.
 * What is said to ourselves (CONN_SITE) is read and not told.
 */
void conn_start_tap(struct conn *conn, const char *scheme, bool names_host);

/* Ends the tap. What the connection's problem is goes into the request that is open, if there is one. */
void conn_end_tap(struct conn *conn);

/* Tells an exchange for a connection that yielded no HTTP. text: borrowed, "" none. */
void conn_report(struct conn *conn, enum exchange_problem problem, const char *text, unsigned status);

/* Milliseconds since 1970, as of this round of the loop. */
int64_t conn_now_ms(const struct core *core);

#endif

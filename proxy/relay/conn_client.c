/* SPDX-License-Identifier: MIT */
#include "conn_client.h"

#include <openssl/err.h>
#include <stdio.h>

#include "auto_bypass.h"

enum { ALERT_ECH_REQUIRED = 121 };

/* The alert by which clients refuse a certificate, by name; NULL: error is another one. */
static const char *
rejection(unsigned long error)
{
    if (error == 0 || ERR_GET_LIB(error) != ERR_LIB_SSL)
        return NULL;
    switch (ERR_GET_REASON(error)) {
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
        return "unknown_ca";
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        return "bad_certificate";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        return "certificate_unknown";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
        return "certificate_expired";
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
        return "unsupported_certificate";
    default:
        return NULL;
    }
}

static void
report(struct conn *conn, enum exchange_problem problem, enum interference kind, const char *detail)
{
    char text[1000];

    interference_text(text, sizeof text, kind, conn->name, conn->port, detail);
    conn_report(conn, problem, text, 0);
    auto_bypass_note(conn->core, kind, conn->name, conn->port);
}

bool
conn_client_told_rejection(struct conn *conn)
{
    const char *alert = rejection(conn->client.tls_error);

    if (alert == NULL)
        return false;
    conn_note_reason(conn, CLOSE_CA_REJECTED);
    report(conn, EXCHANGE_CLIENT_REJECTED_CA, INTERFERENCE_REFUSED, alert);
    return true;
}

/* The client saw that its hidden ClientHello was not opened (alert ech_required, RFC 9849 11.2). */
static bool
insists_on_encrypted_hello(const struct stream *client)
{
    return client->tls_error != 0 && ERR_GET_LIB(client->tls_error) == ERR_LIB_SSL &&
           ERR_GET_REASON(client->tls_error) == SSL_AD_REASON_OFFSET + ALERT_ECH_REQUIRED;
}

static void
report_failure(struct conn *conn)
{
    const struct stream *client = &conn->client;
    const char *reason = client->tls_error != 0 ? ERR_reason_error_string(client->tls_error) : NULL;
    bool just_left = client->tls_error == 0 || ERR_GET_REASON(client->tls_error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    char text[500];

    conn->core->stats.failed++;
    if (conn_client_told_rejection(conn))
        return;
    if (insists_on_encrypted_hello(client)) {
        report(conn, EXCHANGE_CLIENT_TLS_FAILED, INTERFERENCE_ENCRYPTED_HELLO, "");
        return;
    }
    if (just_left) {
        report(conn, EXCHANGE_CLIENT_TLS_FAILED, INTERFERENCE_LEFT, "");
        return;
    }
    snprintf(text, sizeof text, "TLS handshake with the client failed for %s: %s", conn->name,
             reason != NULL ? reason : "unknown error");
    conn_report(conn, EXCHANGE_CLIENT_TLS_FAILED, text, 0);
}

/* Our end of TLS, with the user's own certificate or a minted one. NULL: there can be none. */
static SSL *
accept_with_certificate(struct conn *conn)
{
    struct core *core = conn->core;
    struct str name = str_from(conn->leaf_name);
    const char *why;
    SSL *ssl;

    if (conn->way->rules->mode != RELAY_REVERSE || !key_pair_present(&core->own))
        return leaf_cache_accept(core->leafs, name, conn_now_ms(core) / 1000, &conn->protocol, &why);
    ssl = leaf_cache_accept_bare(core->leafs, name, &conn->protocol);
    if (ssl == NULL || key_pair_use(&core->own, ssl))
        return ssl;
    SSL_free(ssl);
    return NULL;
}

/* We answer ourselves, there is no server that could choose. */
static bool
is_ours(const struct conn *conn)
{
    return conn->problem != EXCHANGE_OK || conn->kind == CONN_SITE;
}

bool
conn_client_shake(struct conn *conn, bool *is_done)
{
    struct core *core = conn->core;
    SSL *ssl;

    *is_done = false;
    if (conn->client.ssl == NULL) {
        ssl = accept_with_certificate(conn);
        if (ssl == NULL || !stream_start_tls(&conn->client, ssl, core->bio_method)) {
            conn_close(conn, CLOSE_NO_CERTIFICATE);
            return false;
        }
    }
    switch (stream_handshake(&conn->client)) {
    case HANDSHAKE_WAITS:
        return true;
    case HANDSHAKE_DONE:
        core->stats.client_handshakes++;
        core->stats.client_resumed += SSL_session_reused(conn->client.ssl) == 1;
        *is_done = true;
        return true;
    case HANDSHAKE_FAILED:
        break;
    }
    report_failure(conn);
    conn_close(conn, CLOSE_HANDSHAKE_FAILED_CLIENT);
    return false;
}

void
conn_client_tls(struct conn *conn)
{
    bool is_done;

    if (is_ours(conn) && conn->client.ssl == NULL)
        conn->protocol = conn->offers == TRUST_HTTP2 ? LEAF_HTTP2 : LEAF_HTTP1;
    if (!conn_client_shake(conn, &is_done) || !is_done)
        return;
    conn_go(conn, is_ours(conn) ? CONN_PAGE : CONN_PUMP);
    conn->ready = PUMP_CLIENT_READY | PUMP_SERVER_READY;
}

/* SPDX-License-Identifier: MIT */
#include "trust.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "certificate_text.h"
#include "client_certificates.h"
#include "interference.h"
#include "memory.h"
#include "session_cache.h"

enum { READ_BUFFER = 4 * 16709, SESSIONS = 512 };

struct trust {
    SSL_CTX *context;       /* for everybody */
    SSL_CTX *extra_context; /* trusts extra_upstream_ca, too; NULL: none */
    const char *extra_suffix;
    struct session_cache *sessions;                  /* NULL: no resumption */
    struct client_certificates *client_certificates; /* NULL: none */
    bool is_insecure;
};

static bool
accepts_anything(const struct trust_peer *peer)
{
    return peer->trust->is_insecure && !peer->is_proxy;
}

/* The first words about a certificate that was not accepted: later ones only follow from them. */
static int
on_verify(int ok, X509_STORE_CTX *context)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct trust_peer *peer = SSL_get_app_data(ssl);
    X509 *certificate = X509_STORE_CTX_get_current_cert(context);

    if (ok == 1)
        return ok;
    if (peer->verify_error != X509_V_OK)
        return accepts_anything(peer);
    peer->verify_error = X509_STORE_CTX_get_error(context);
    if (certificate != NULL)
        certificate_describe(certificate, peer->verify_detail, sizeof peer->verify_detail);
    return accepts_anything(peer);
}

/* Also without one to show it matters that the server asked. */
static int
on_certificate_request(SSL *ssl, void *none)
{
    struct trust_peer *peer = SSL_get_app_data(ssl);
    const struct key_pair *pair = client_certificates_for(peer->trust->client_certificates, peer->name);

    (void)none;
    peer->wants_certificate = true;
    peer->sent_certificate = pair != NULL && key_pair_use(pair, ssl);
    return 1;
}

static int
on_new_session(SSL *ssl, SSL_SESSION *session)
{
    const struct trust_peer *peer = SSL_get_app_data(ssl);

    if (SSL_get_verify_result(ssl) != X509_V_OK)
        return 0;
    return session_cache_put(peer->trust->sessions, peer->session_key, session);
}

static bool
is_hashed_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    bool found = false;

    if (directory == NULL)
        return false;
    while (!found && (entry = readdir(directory)) != NULL)
        found = strlen(entry->d_name) == 10 && strspn(entry->d_name, "0123456789abcdef") == 8 &&
                strcmp(entry->d_name + 8, ".0") == 0;
    closedir(directory);
    return found;
}

/*
 * The system's anchors. Where they lie in a hashed directory each is read when it is needed: reading
 * the bundle of all of them would be most of the time that the program needs to start.
 */
static bool
add_system_anchors(X509_STORE *store)
{
    const char *directory = getenv(X509_get_default_cert_dir_env());
    X509_LOOKUP *lookup;

    if (directory == NULL)
        directory = X509_get_default_cert_dir();
    if (getenv(X509_get_default_cert_file_env()) != NULL || !is_hashed_directory(directory))
        return X509_STORE_set_default_paths(store) == 1;
    lookup = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    return lookup != NULL && X509_LOOKUP_add_dir(lookup, directory, X509_FILETYPE_PEM) == 1;
}

static size_t
add_pem_anchors(X509_STORE *store, BIO *bio)
{
    size_t count = 0;
    X509 *certificate;

    while (bio != NULL && (certificate = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL)) != NULL) {
        if (X509_STORE_add_cert(store, certificate) == 1)
            count++;
        X509_free(certificate);
    }
    ERR_clear_error();
    BIO_free(bio);
    return count;
}

static SSL_CTX *
make_context(const struct relay_options *options, struct str extra_pem, struct key_log *key_log, char **why)
{
    static const unsigned char http1[] = "\x08http/1.1";
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    X509_STORE *store;

    *why = NULL;
    if (context == NULL || SSL_CTX_set_alpn_protos(context, http1, sizeof http1 - 1) != 0) {
        *why = xstrdup("the TLS library cannot make a client context");
        goto fail;
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_BUFFER);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_cert_cb(context, on_certificate_request, NULL);
    key_log_use(key_log, context);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (!options->full_handshakes) {
        SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context, on_new_session);
    }
    store = SSL_CTX_get_cert_store(context);
    if (options->upstream_ca != NULL && add_pem_anchors(store, BIO_new_file(options->upstream_ca, "r")) == 0) {
        *why = xprintf("%s: no PEM certificate could be read (--upstream-ca)", options->upstream_ca);
        goto fail;
    }
    if (extra_pem.len > 0 && add_pem_anchors(store, BIO_new_mem_buf(extra_pem.ptr, (int)extra_pem.len)) == 0) {
        *why = xstrdup("the additional authority is no PEM certificate");
        goto fail;
    }
    add_system_anchors(store); /* a machine without any is told by every handshake */
    ERR_clear_error();
    return context;
fail:
    SSL_CTX_free(context);
    return NULL;
}

struct trust *
trust_new(const struct relay_options *options, struct key_log *key_log, char **why)
{
    struct trust *trust = xcalloc(1, sizeof *trust);

    trust->is_insecure = options->insecure;
    if (options->client_cert != NULL &&
        (trust->client_certificates = client_certificates_read(options->client_cert, why)) == NULL)
        goto fail;
    trust->context = make_context(options, (struct str){ 0 }, key_log, why);
    if (trust->context == NULL)
        goto fail;
    if (options->extra_upstream_ca.len > 0 && options->extra_upstream_suffix != NULL) {
        trust->extra_suffix = options->extra_upstream_suffix;
        trust->extra_context = make_context(options, options->extra_upstream_ca, key_log, why);
        if (trust->extra_context == NULL)
            goto fail;
    }
    if (!options->full_handshakes)
        trust->sessions = session_cache_new(SESSIONS);
    return trust;
fail:
    trust_free(trust);
    return NULL;
}

void
trust_free(struct trust *trust)
{
    if (trust == NULL)
        return;
    session_cache_free(trust->sessions);
    client_certificates_free(trust->client_certificates);
    SSL_CTX_free(trust->context);
    SSL_CTX_free(trust->extra_context);
    free(trust);
}

static SSL_CTX *
context_for(const struct trust *trust, const char *name)
{
    size_t len = strlen(name), suffix_len;

    if (trust->extra_context == NULL)
        return trust->context;
    suffix_len = strlen(trust->extra_suffix);
    return len >= suffix_len && strcasecmp(name + len - suffix_len, trust->extra_suffix) == 0 ? trust->extra_context
                                                                                              : trust->context;
}

/* Partial wildcards (f*.example.com) are forbidden by RFC 9525 6.3. */
static bool
expect_name(SSL *ssl, const char *name)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

    if (X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1)
        return true;
    ERR_clear_error();
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(param, name, 0) == 1 && SSL_set_tlsext_host_name(ssl, name) == 1;
}

/* The context offers HTTP/1.1 by itself. */
static bool
offer(SSL *ssl, unsigned offers)
{
    static const unsigned char both[] = "\x02h2\x08http/1.1";

    switch (offers) {
    case TRUST_HTTP1:
        return true;
    case TRUST_HTTP2:
        return SSL_set_alpn_protos(ssl, both, 3) == 0;
    case TRUST_HTTP1 | TRUST_HTTP2:
        return SSL_set_alpn_protos(ssl, both, sizeof both - 1) == 0;
    default:
        return SSL_set_alpn_protos(ssl, NULL, 0) == 0;
    }
}

SSL *
trust_connect(struct trust *trust, struct trust_peer *peer, const char *name, unsigned port, const char *client,
              unsigned offers)
{
    SSL *ssl = SSL_new(context_for(trust, name));
    SSL_SESSION *session;

    *peer = (struct trust_peer){ .trust = trust, .name = name, .port = port, .verify_error = X509_V_OK };
    snprintf(peer->session_key, sizeof peer->session_key, "%s|%s|%u|%u", client, name, port, offers);
    if (ssl == NULL || !expect_name(ssl, name) || !offer(ssl, offers)) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_app_data(ssl, peer);
    SSL_set_connect_state(ssl);
    session = session_cache_take(trust->sessions, peer->session_key);
    if (session != NULL) {
        SSL_set_session(ssl, session);
        SSL_SESSION_free(session);
    }
    return ssl;
}

SSL *
trust_connect_proxy(struct trust *trust, struct trust_peer *peer, const char *name, unsigned port)
{
    SSL *ssl = trust_connect(trust, peer, name, port, "", TRUST_HTTP1);

    peer->is_proxy = true;
    return ssl;
}

static const char *
party(const struct trust_peer *peer)
{
    return peer->is_proxy ? "proxy" : "server";
}

static const char no_chain[] = " has no chain to a known authority (unknown authority, or it comes without its "
                               "intermediate certificate)";

/* What is wrong, around "the server's certificate". */
struct flaw_words {
    int error;
    const char *before, *after;
};

static const struct flaw_words flaws[] = {
    { X509_V_ERR_CERT_HAS_EXPIRED, "", " has expired" },
    { X509_V_ERR_CERT_NOT_YET_VALID, "", " is not valid yet" },
    { X509_V_ERR_HOSTNAME_MISMATCH, "", " was issued for another name" },
    { X509_V_ERR_IP_ADDRESS_MISMATCH, "", " was issued for another name" },
    { X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "", " is self-signed and not in the trust store" },
    { X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "the authority that issued ", " is not in the trust store" },
    { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "", no_chain },
    { X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, "", no_chain },
    { X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "", no_chain },
    { X509_V_ERR_EE_KEY_TOO_SMALL, "the key of ", " is too weak (RSA needs 2048 bits)" },
    { X509_V_ERR_CA_KEY_TOO_SMALL, "the key of an authority above ", " is too weak (RSA needs 2048 bits)" },
    { X509_V_ERR_CA_MD_TOO_WEAK, "", ", or one above it, is signed with a hash that is broken (SHA-1, MD5)" },
};

static void
explain_certificate(const struct trust_peer *peer, char *text, size_t size)
{
    const char *detail = peer->verify_detail, *colon = *detail != '\0' ? ": " : "";

    for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++)
        if (flaws[i].error == peer->verify_error) {
            snprintf(text, size, "%s: %sthe %s's certificate%s%s%s", peer->name, flaws[i].before, party(peer),
                     flaws[i].after, colon, detail);
            return;
        }
    snprintf(text, size, "%s: %s%s%s", peer->name, X509_verify_cert_error_string(peer->verify_error), colon, detail);
}

bool
trust_doubts(const struct trust_peer *peer, char *text, size_t size)
{
    if (peer->verify_error == X509_V_OK)
        return false;
    explain_certificate(peer, text, size);
    return true;
}

/* Alerts by which servers refuse a client that has no certificate. */
static bool
is_about_our_certificate(unsigned long error)
{
    switch (ERR_GET_REASON(error)) {
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
        return true;
    default:
        return false;
    }
}

/* A handshake that failed for something else than a certificate. */
static void
explain_failure(const struct trust_peer *peer, unsigned long tls_error, int system_error, char *text, size_t size)
{
    const char *reason = tls_error != 0 ? ERR_reason_error_string(tls_error) : NULL;
    const char *name = peer->name, *who = party(peer);

    if (tls_error != 0 && ERR_GET_REASON(tls_error) == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION)
        snprintf(text, size, "%s: the %s speaks no TLS 1.2 or 1.3", name, who);
    else if (tls_error != 0 && ERR_GET_REASON(tls_error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
        snprintf(text, size, "%s: the %s closed the connection during the TLS handshake", name, who);
    else if (tls_error != 0 && ERR_GET_REASON(tls_error) == SSL_R_WRONG_VERSION_NUMBER)
        snprintf(text, size, "%s: what answers there does not speak TLS", name);
    else if (reason == NULL && (system_error == ECONNRESET || system_error == EPIPE))
        snprintf(text, size, "%s: the %s reset the connection during the TLS handshake", name, who);
    else if (reason != NULL)
        snprintf(text, size, "%s: TLS handshake with the %s failed: %s", name, who, reason);
    else
        snprintf(text, size, "%s: TLS handshake with the %s failed: %s", name, who,
                 system_error != 0 ? strerror(system_error) : "connection closed");
}

enum exchange_problem
trust_explain(const struct trust_peer *peer, unsigned long tls_error, int system_error, char *text, size_t size)
{
    const char *reason = tls_error != 0 ? ERR_reason_error_string(tls_error) : NULL;

    if (peer->verify_error != X509_V_OK && !accepts_anything(peer)) {
        explain_certificate(peer, text, size);
        return EXCHANGE_UPSTREAM_UNTRUSTED;
    }
    if (peer->sent_certificate && (tls_error == 0 || is_about_our_certificate(tls_error))) {
        snprintf(text, size, "%s: the %s does not accept the client certificate that --client-cert gives%s%s",
                 peer->name, party(peer), reason != NULL ? ": " : "", reason != NULL ? reason : "");
        return EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT;
    }
    if (peer->is_proxy && peer->wants_certificate && (tls_error == 0 || is_about_our_certificate(tls_error))) {
        snprintf(text, size, "%s: the proxy wants a client certificate; --client-cert FILE gives it one", peer->name);
        return EXCHANGE_UPSTREAM_PROXY;
    }
    if (peer->wants_certificate && (tls_error == 0 || is_about_our_certificate(tls_error))) {
        interference_text(text, size, INTERFERENCE_CLIENT_CERTIFICATE, peer->name, peer->port, "");
        return EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT;
    }
    explain_failure(peer, tls_error, system_error, text, size);
    return EXCHANGE_UPSTREAM_TLS_FAILED;
}

/* SPDX-License-Identifier: MIT */
#include "pages.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_CEILING = 256 * 1024 };

static const char style[] =
    "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:4rem auto;"
    "padding:0 1rem}h1{font-size:1.5rem}dt{font-weight:600;margin-top:.8rem}dd{margin:0;overflow-wrap:anywhere}"
    "code{font-family:ui-monospace,monospace}footer{margin-top:3rem;opacity:.7;font-size:.9rem}</style>";

static void
add_escaped(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];

        if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'' || c < ' ' || c == 127)
            buf_printf(out, "&#%u;", c < ' ' || c == 127 ? 0xfffdu : c);
        else
            buf_add_byte(out, (char)c);
    }
}

/* Head and body. The pages are ours alone: nothing in them may load or run anything. */
static void
add_message(struct buf *out, const char *status, const char *type, struct str body, bool with_body)
{
    buf_printf(out,
               "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n"
               "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
               "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'\r\n"
               "\r\n",
               status, type, body.len);
    if (with_body)
        buf_add_str(out, body);
}

static void
begin_page(struct buf *page, const char *title)
{
    buf_init(page, PAGE_CEILING);
    buf_printf(page,
               "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>%s</title>%s</head><body>"
               "<h1>%s</h1>\n",
               title, style, title);
}

static void
end_page(struct buf *page, struct buf *out, const char *status, bool with_body)
{
    buf_add_c(page, "<footer>This page comes from samltap, the debugging proxy between this browser and the "
                    "server.</footer></body></html>\n");
    add_message(out, status, "text/html; charset=utf-8", buf_str(page), with_body);
    buf_release(page);
}

static void
add_row(struct buf *page, const char *name, struct str value)
{
    buf_printf(page, "<dt>%s</dt><dd>", name);
    add_escaped(page, value);
    buf_add_c(page, "</dd>\n");
}

struct advice {
    const char *title;
    const char *what;
};

static struct advice
advice_for(enum exchange_problem problem)
{
    switch (problem) {
    case EXCHANGE_UPSTREAM_NAME:
        return (struct advice){ "The host name does not resolve",
                                "Check the spelling of the name, and whether this machine needs a VPN or another DNS "
                                "server to know it. <code>--connect-to</code> gives samltap the address by hand." };
    case EXCHANGE_UPSTREAM_UNREACHABLE:
        return (
            struct advice){ "The server cannot be reached",
                            "The name is known, but no connection to the server came about. Check firewall, VPN and "
                            "port, and whether the server is up." };
    case EXCHANGE_UPSTREAM_PROXY:
        return (struct advice){
            "The proxy on the way out does not let through",
            "samltap goes out through another proxy (<code>--mode upstream:</code>). A sign-in there is "
            "given with <code>--upstream-auth FILE</code>; a host that needs no proxy with "
            "<code>--no-proxy HOST</code>."
        };
    case EXCHANGE_UPSTREAM_UNTRUSTED:
        return (
            struct advice){ "The server's certificate was not accepted",
                            "samltap checks the server's certificate as a browser does and does not hide a failure. "
                            "Without samltap this browser would warn here, too, unless it trusts an authority that "
                            "samltap does not know: give that one with <code>--upstream-ca FILE</code>." };
    case EXCHANGE_UPSTREAM_WANTS_CLIENT_CERT:
        return (struct advice){ "The server asks for a client certificate",
                                "A client certificate proves who holds its key, so it cannot be passed on through an "
                                "intercepted connection. This failure is caused by samltap. Let the connection pass "
                                "unopened with <code>--ignore-hosts</code> and this host." };
    case EXCHANGE_UPSTREAM_TLS_FAILED:
        return (struct advice){ "The TLS handshake with the server failed",
                                "The server was reached, but no encrypted connection came about." };
    default:
        return (struct advice){ "No answer from the server", "The connection to the server failed." };
    }
}

void
pages_problem(struct buf *out, struct str host, unsigned port, enum exchange_problem problem, struct str text)
{
    struct advice advice = advice_for(problem);
    struct buf page;

    begin_page(&page, advice.title);
    buf_add_c(&page, "<dl>");
    buf_add_c(&page, "<dt>Server</dt><dd>");
    add_escaped(&page, host);
    buf_printf(&page, ":%u</dd>\n", port);
    add_row(&page, "What happened", text);
    buf_printf(&page, "<dt>What to do</dt><dd>%s</dd></dl>\n", advice.what);
    end_page(&page, out, "502 Bad Gateway", true);
}

void
pages_bad_request(struct buf *out, struct str text)
{
    struct buf page;

    begin_page(&page, "This request cannot be passed on");
    buf_add_c(&page, "<dl>");
    add_row(&page, "What is wrong", text);
    buf_add_c(&page, "</dl>\n");
    end_page(&page, out, "400 Bad Request", true);
}

static void
add_home(struct buf *out, const struct ca *ca, const char *proxy, bool with_body)
{
    char fingerprint[65];
    struct buf page;

    ca_fingerprint(ca, fingerprint);
    begin_page(&page, "samltap is working");
    buf_add_c(&page, "<p>This browser reaches the network through samltap. To see inside HTTPS, the browser must trust "
                     "samltap's own authority.</p>\n<dl>");
    add_row(&page, "Authority", str_from(ca_name(ca)));
    add_row(&page, "SHA-256 of its certificate", str_from(fingerprint));
    add_row(&page, "Proxy address", str_from(proxy));
    buf_add_c(&page,
              "<dt>Certificate</dt><dd><a href=\"/ca.pem\">ca.pem</a> (PEM), <a href=\"/ca.cer\">ca.cer</a> "
              "(DER)</dd>\n<dt>Automatic configuration</dt><dd><a href=\"/proxy.pac\">proxy.pac</a></dd></dl>\n"
              "<p>The key of this authority never leaves this machine. Remove the certificate from the browser or the "
              "system when the work is done; <code>samltap ca</code> prints the steps for each platform.</p>\n");
    end_page(&page, out, "200 OK", with_body);
}

static void
add_certificate(struct buf *out, const struct ca *ca, bool as_der, bool with_body)
{
    struct buf pem;

    buf_init(&pem, 64 * 1024);
    ca_certificate_pem(ca, &pem);
    if (as_der) {
        struct str text = buf_str(&pem);
        size_t begin = str_find_c(text, "-----\n"), end = str_find_c(text, "-----END");
        unsigned char *der = malloc(pem.len + 1);
        EVP_ENCODE_CTX *decoder = EVP_ENCODE_CTX_new();
        int len = 0, more = 0;

        if (der != NULL && decoder != NULL && begin != SIZE_MAX && end != SIZE_MAX && begin + 6 < end) {
            EVP_DecodeInit(decoder);
            EVP_DecodeUpdate(decoder, der, &len, (const unsigned char *)text.ptr + begin + 6, (int)(end - begin - 6));
            EVP_DecodeFinal(decoder, der + len, &more);
        }
        add_message(out, "200 OK", "application/x-x509-ca-cert",
                    (struct str){ (const char *)der, (size_t)(len + more) }, with_body);
        EVP_ENCODE_CTX_free(decoder);
        free(der);
    } else {
        add_message(out, "200 OK", "application/x-x509-ca-cert", buf_str(&pem), with_body);
    }
    buf_release(&pem);
}

void
pages_site(struct buf *out, const struct ca *ca, struct str target, const char *proxy, bool with_body)
{
    struct str path, query;
    struct buf body;

    str_cut(target, '?', &path, &query);
    if (str_eq_c(path, "/") || path.len == 0) {
        add_home(out, ca, proxy, with_body);
    } else if (str_eq_c(path, "/ca.pem") || str_eq_c(path, "/ca.cer")) {
        add_certificate(out, ca, str_eq_c(path, "/ca.cer"), with_body);
    } else if (str_eq_c(path, "/proxy.pac")) {
        buf_init(&body, PAGE_CEILING);
        buf_printf(&body,
                   "function FindProxyForURL(url, host) {\n    if (isPlainHostName(host) || host === \"127.0.0.1\" || "
                   "host === \"[::1]\")\n        return \"DIRECT\";\n    return \"PROXY %s\";\n}\n",
                   proxy);
        add_message(out, "200 OK", "application/x-ns-proxy-autoconfig", buf_str(&body), with_body);
        buf_release(&body);
    } else {
        begin_page(&body, "There is no such page here");
        buf_add_c(&body, "<p><a href=\"/\">What samltap offers here</a></p>\n");
        end_page(&body, out, "404 Not Found", with_body);
    }
}

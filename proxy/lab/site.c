/* SPDX-License-Identifier: MIT */
#include "site.h"

#include <stdio.h>
#include <string.h>

#include "form.h"
#include "html.h"
#include "site_parts.h"

enum { MAX_HEADERS = 32 * 1024, MAX_BODY = 512 * 1024 };

bool
lab_site_init(struct lab_site *site, const char *fault, int64_t now_ms)
{
    const char *why = NULL;

    *site = (struct lab_site){ .fault = fault };
    if (!lab_keys_init(&site->keys, now_ms / 1000))
        return false;
    site->trusted = key_set_new();
    if (site->trusted != NULL && key_set_add_trusted(site->trusted, lab_key_certificate(site->keys.ours),
                                                     STR("identity provider metadata"), STR(LAB_IDP_ENTITY), &why) == 1)
        return true;
    lab_site_release(site);
    return false;
}

void
lab_site_release(struct lab_site *site)
{
    key_set_free(site->trusted);
    site->trusted = NULL;
    lab_keys_release(&site->keys);
}

void
lab_reply_init(struct lab_reply *reply)
{
    reply->status = 200;
    buf_init(&reply->headers, MAX_HEADERS);
    buf_init(&reply->body, MAX_BODY);
}

void
lab_reply_release(struct lab_reply *reply)
{
    buf_release(&reply->headers);
    buf_release(&reply->body);
}

struct str
visit_field(struct visit *visit, const char *name)
{
    bool post = str_eq_c(visit->request->method, "POST");

    return form_field(visit->arena, post ? visit->request->request_body.bytes : form_query(visit->request->target),
                      name);
}

void
visit_header(struct visit *visit, const char *name, struct str value)
{
    struct buf *headers = &visit->reply->headers;

    buf_printf(headers, "%s: ", name);
    /* Values may hold what a client sent: a line break in one would be a header of the client's. */
    for (size_t i = 0; i < value.len; i++)
        buf_add_byte(headers, (unsigned char)value.ptr[i] < ' ' ? ' ' : value.ptr[i]);
    buf_add_c(headers, "\r\n");
}

void
visit_redirect(struct visit *visit, struct str location)
{
    visit->reply->status = 302;
    visit_header(visit, "Location", location);
}

void
visit_document(struct visit *visit, const char *type, struct str text)
{
    visit_header(visit, "Content-Type", str_from(type));
    buf_add_str(&visit->reply->body, text);
}

struct buf *
visit_page(struct visit *visit, unsigned status, const char *party, const char *title)
{
    visit->reply->status = status;
    visit_header(visit, "Content-Type", STR("text/html; charset=utf-8"));
    visit_header(visit, "Content-Security-Policy",
                 STR("default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
                     "form-action https://*.samltap.test; base-uri 'none'; frame-ancestors 'none'"));
    html_begin(&visit->reply->body, party, title);
    return &visit->reply->body;
}

void
visit_notice(struct visit *visit, unsigned status, const char *party, const char *title, const char *said,
             const char *text)
{
    struct buf *page = visit_page(visit, status, party, title);

    if (said != NULL) {
        buf_add_c(page, "<p class=\"alert\" role=\"alert\" id=\"said\">");
        html_text(page, str_from(said));
        buf_add_c(page, "</p>\n");
    }
    buf_add_c(page, "<p>");
    html_text(page, str_from(text));
    buf_add_c(page, "</p>\n");
    html_end(page);
}

void
visit_not_found(struct visit *visit, const char *party)
{
    visit_notice(visit, 404, party, "Not found", NULL, "There is no such page in the lab.");
}

void
visit_sign_in(struct visit *visit, const char *cookie, struct str user)
{
    struct lab_site *site = visit->site;
    struct lab_session *session = &site->sessions[site->next_session];
    struct str token = lab_random_id(visit->arena);

    if (!str_present(token) || user.len >= sizeof(session->user))
        return;
    site->next_session = (site->next_session + 1) % LAB_MAX_SESSIONS;
    snprintf(session->token, sizeof(session->token), "%.*s", STR_ARG(token));
    snprintf(session->user, sizeof(session->user), "%.*s", STR_ARG(user));
    visit_header(visit, "Set-Cookie",
                 arena_printf(visit->arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax", cookie, session->token));
}

struct str
visit_user(struct visit *visit, const char *cookie)
{
    struct str token = form_cookie(&visit->request->request_headers, cookie);

    for (size_t i = 0; token.len > 0 && i < LAB_MAX_SESSIONS; i++)
        if (str_eq_c(token, visit->site->sessions[i].token))
            return str_from(visit->site->sessions[i].user);
    return (struct str){ 0 };
}

void
lab_site_answer(struct lab_site *site, struct arena *arena, const struct exchange *request, int64_t now_ms,
                struct lab_reply *reply)
{
    struct visit visit = { .site = site, .arena = arena, .request = request, .now_ms = now_ms, .reply = reply };
    struct str path = form_path(request->target);

    visit_header(&visit, "Cache-Control", STR("no-store"));
    visit_header(&visit, "Server", STR("samltap-lab"));
    if (str_eq_c(request->host, LAB_IDP_HOST))
        site_idp_answer(&visit, path);
    else if (str_eq_c(request->host, LAB_IAM_HOST))
        site_iam_answer(&visit, path);
    else if (str_eq_c(request->host, LAB_IDC_HOST))
        site_idc_answer(&visit, path);
    else
        visit_notice(&visit, 404, "samltap lab", "Unknown host", NULL,
                     "The lab is at idp.samltap.test, aws.samltap.test and idc.samltap.test.");
    if (arena_failed(arena) || buf_failed(&reply->headers) || buf_failed(&reply->body)) {
        buf_reset(&reply->headers);
        buf_reset(&reply->body);
        reply->status = 503;
    }
}

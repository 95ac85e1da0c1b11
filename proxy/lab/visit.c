/* SPDX-License-Identifier: MIT */
#include "visit.h"

#include <stdio.h>

#include "form.h"
#include "html.h"
#include "text.h"

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
    text_copy(session->token, sizeof(session->token), token);
    text_copy(session->user, sizeof(session->user), user);
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

/* SPDX-License-Identifier: MIT */
#include "browser.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "form.h"
#include "htmlform.h"
#include "pack.h"
#include "parties.h"
#include "text.h"

enum { MAX_STEPS = 25, MAX_FORM = 512 * 1024, MAX_ARENA = 64 * 1024 * 1024 };

/* Where the browser goes next: absent url means that it has arrived. */
struct next {
    struct str url;
    struct str body; /* absent: GET */
};

static bool
give_up(struct client *client, const char *why)
{
    snprintf(client->problem, sizeof(client->problem), "%s", why);
    return false;
}

/* An absolute URL; reference may be absolute or a path. */
static struct str
resolve(struct arena *arena, const struct exchange *at, struct str reference)
{
    struct str fragment;

    str_cut(reference, '#', &reference, &fragment);
    if (str_starts_nocase(reference, STR("https://")))
        return reference;
    if (str_starts_c(reference, "/"))
        return at->port == 443
                   ? arena_printf(arena, "https://%.*s%.*s", STR_ARG(at->host), STR_ARG(reference))
                   : arena_printf(arena, "https://%.*s:%u%.*s", STR_ARG(at->host), at->port, STR_ARG(reference));
    return exchange_url(arena, at);
}

static void
add_pair(struct buf *out, struct str name, struct str value)
{
    if (out->len > 0)
        buf_add_c(out, "&");
    lab_add_percent(out, name);
    buf_add_c(out, "=");
    lab_add_percent(out, value);
}

/* What the person in front of the browser would type; the page's own value otherwise. */
static struct str
typed(const struct lab_visit *visit, const struct html_field *field)
{
    if (str_eq_c(field->name, "user"))
        return str_from(visit->user);
    if (str_eq_c(field->name, "password"))
        return STR("correct horse battery staple");
    return field->value;
}

static struct str
fill(struct arena *arena, const struct lab_visit *visit, const struct html_form *form)
{
    bool login = html_form_get(form, "password") != NULL;
    struct buf out;
    struct str body;

    buf_init(&out, MAX_FORM);
    for (size_t i = 0; i < form->field_count; i++)
        add_pair(&out, form->fields[i].name, typed(visit, &form->fields[i]));
    /* A select is no field to the reader of forms: leaving it out keeps the lab's default. */
    if (login && visit->fault != NULL)
        add_pair(&out, STR("fault"), str_from(visit->fault));
    body = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return body;
}

static bool
is_html(const struct exchange *page)
{
    return str_starts_nocase(headers_get(&page->response_headers, "Content-Type"), STR("text/html"));
}

/* A form that is there to be sent on: the login form, or one whose fields are a message. */
static const struct html_form *
form_to_send(const struct html_page *page)
{
    for (size_t i = 0; i < page->form_count; i++) {
        const struct html_form *form = &page->forms[i];

        if (!str_eq_nocase(form->method, STR("post")) || form->field_count == 0)
            continue;
        if (html_form_get(form, "password") != NULL || str_find_nocase(form->fields[0].name, STR("saml")) == 0)
            return form;
    }
    return NULL;
}

static bool
next_step(struct arena *arena, const struct lab_visit *visit, const struct exchange *page, struct next *next)
{
    struct str location = headers_get(&page->response_headers, "Location");
    struct html_page forms;
    const struct html_form *form;

    *next = (struct next){ 0 };
    if (page->status >= 301 && page->status <= 303 && str_present(location)) {
        next->url = resolve(arena, page, location);
        return true;
    }
    if (page->status != 200 || !is_html(page))
        return true;
    if (!html_forms_read(arena, page->response_body.bytes, &forms))
        return false;
    form = form_to_send(&forms);
    if (form != NULL) {
        next->url = resolve(arena, page, form->action);
        next->body = fill(arena, visit, form);
    }
    return true;
}

/* The text between what begins with open (a tag) and close, unescaped; empty when there is none. */
static void
text_between(struct arena *arena, struct str page, const char *open, const char *close, char *out, size_t size)
{
    size_t at = str_find_c(page, open), start, end;
    struct str text;

    out[0] = '\0';
    if (at == SIZE_MAX)
        return;
    text = str_from_offset(page, at);
    start = str_find_byte(text, '>');
    if (start == SIZE_MAX)
        return;
    text = str_from_offset(text, start + 1);
    end = str_find_c(text, close);
    if (end == SIZE_MAX)
        return;
    text = html_unescape(arena, str_slice(text, 0, end));
    text_copy(out, size, text);
}

static bool
is_acs(const struct exchange *page)
{
    struct str path = form_path(page->target);

    return (str_eq_c(page->host, LAB_IAM_HOST) && str_eq_c(path, "/saml")) ||
           (str_eq_c(page->host, LAB_IDC_HOST) && str_eq_c(path, LAB_IDC_ACS_PATH));
}

static void
describe(struct arena *arena, const struct exchange *page, struct lab_visit_result *result)
{
    struct str url = exchange_url(arena, page);

    result->status = page->status;
    text_copy(result->url, sizeof(result->url), url);
    text_between(arena, page->response_body.bytes, "<title", "</title>", result->title, sizeof(result->title));
    text_between(arena, page->response_body.bytes, "<p class=\"alert\"", "</p>", result->said, sizeof(result->said));
}

static bool
walk(struct client *client, struct arena *arena, const struct lab_visit *visit, struct str url,
     struct lab_visit_result *result)
{
    struct next next = { .url = url };
    struct exchange page;

    for (int step = 0; step < MAX_STEPS; step++) {
        if (!client_fetch(client, arena, next.url, next.body, &page))
            return false;
        if (is_acs(&page))
            result->acs_status = page.status;
        describe(arena, &page, result);
        if (!next_step(arena, visit, &page, &next) || arena_failed(arena))
            return give_up(client, "the pages are too big for the lab's browser");
        if (!str_present(next.url))
            return true;
    }
    return give_up(client, "too many redirects");
}

bool
browser_go(struct client *client, const struct lab_visit *visit, struct str url, struct lab_visit_result *result)
{
    struct arena *arena = arena_new(MAX_ARENA);
    bool done;

    *result = (struct lab_visit_result){ .accounts = -1 };
    if (arena == NULL)
        return give_up(client, "out of memory");
    done = walk(client, arena, visit, url, result);
    arena_free(arena);
    return done;
}

static int
count_accounts(struct str text)
{
    json_t *root = json_loadb(text.ptr, text.len, 0, NULL);
    json_t *list = json_object_get(root, "accountList");
    int count = json_is_array(list) ? (int)json_array_size(list) : -1;

    json_decref(root);
    return count;
}

/* What the portal's page asks for with its script. */
static bool
load_portal(struct client *client, struct lab_visit_result *result)
{
    struct arena *arena = arena_new(MAX_ARENA);
    struct exchange answer;
    bool done;

    if (arena == NULL)
        return give_up(client, "out of memory");
    done = client_fetch(client, arena, STR("https://" LAB_IDC_HOST "/api/portal/instance/appinstances"),
                        (struct str){ 0 }, &answer) &&
           client_fetch(client, arena, STR("https://" LAB_IDC_HOST "/api/portal/assignment/accounts"),
                        (struct str){ 0 }, &answer);
    if (done && answer.status == 200)
        result->accounts = count_accounts(answer.response_body.bytes);
    arena_free(arena);
    return done;
}

bool
lab_browse(const struct lab_visit *visit, struct lab_visit_result *result, char **why)
{
    bool idc = strcmp(visit->target, "idc") == 0, done;
    struct client client;

    *result = (struct lab_visit_result){ .accounts = -1 };
    done = client_init(&client, visit->proxy_port, visit->direct_port, visit->ca_pem) &&
           browser_go(&client, visit,
                      idc ? STR("https://" LAB_IDC_HOST "/start") : STR("https://" LAB_IDP_HOST "/start?target=iam"),
                      result);
    if (done && idc && result->status == 200 && result->acs_status == 302)
        done = load_portal(&client, result);
    if (!done)
        *why = strdup(client.problem);
    client_release(&client);
    return done;
}

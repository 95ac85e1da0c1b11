/* SPDX-License-Identifier: MIT */
#include "hosts.h"

#include "form.h"
#include "html.h"
#include "judge.h"
#include "pack.h"

static const char party[] = "samltap lab · AWS IAM Identity Center";
static const char cookie[] = "x-amz-sso_authn";
static const char request_cookie[] = "lab-request";

enum { MAX_URL = 8 * 1024 };

struct account {
    const char *id;
    const char *name;
    const char *email;
};

static const struct account accounts[] = {
    { .id = LAB_ACCOUNT, .name = "Production", .email = "aws-production@example.com" },
    { .id = "444455556666", .name = "Sandbox", .email = "aws-sandbox@example.com" },
};

/* Sends the browser to the identity provider and remembers the request's ID in a cookie. */
static void
send_away(struct visit *visit)
{
    struct str id = lab_random_id(visit->arena);
    struct str request = lab_deflate_base64(visit->arena, lab_authn_request(visit->arena, id, visit->now_ms));
    struct buf url;

    buf_init(&url, MAX_URL);
    buf_add_c(&url, LAB_IDP_SSO "?SAMLRequest=");
    lab_add_percent(&url, request);
    buf_add_c(&url, "&RelayState=");
    lab_add_percent(&url, STR("portal"));
    visit_header(
        visit, "Set-Cookie",
        arena_printf(visit->arena, "%s=%.*s; Path=/; Secure; HttpOnly; SameSite=None", request_cookie, STR_ARG(id)));
    visit_redirect(visit, arena_copy(visit->arena, buf_str(&url)));
    buf_release(&url);
}

static void
consume(struct visit *visit)
{
    struct lab_judgement judgement;
    struct str request_id = form_cookie(&visit->request->request_headers, request_cookie);

    lab_judge_idc(visit->arena, visit->site->trusted, visit->request, request_id, visit->now_ms, &judgement);
    /* A request is answered once, well or not. */
    visit_header(visit, "Set-Cookie",
                 arena_printf(visit->arena, "%s=; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=0", request_cookie));
    if (!judgement.accepted) {
        visit_notice(visit, judgement.status, party, "Sign-in failed", judgement.said,
                     "The lab's service provider says no more than the real one does. samltap knows why.");
        return;
    }
    visit_sign_in(visit, cookie, judgement.user);
    visit_redirect(visit, STR("https://" LAB_IDC_HOST "/start/#/?tab=accounts"));
}

static void
portal(struct visit *visit)
{
    struct buf *page;

    if (!str_present(visit_user(visit, cookie))) {
        send_away(visit);
        return;
    }
    page = visit_page(visit, 200, party, "AWS access portal");
    buf_add_c(page,
              "<h2 id=\"accounts\">Accounts</h2>\n<p id=\"state\" role=\"status\">Loading accounts …</p>\n"
              "<table aria-labelledby=\"accounts\" hidden><thead><tr><th scope=\"col\">Account</th>"
              "<th scope=\"col\">Name</th></tr></thead><tbody></tbody></table>\n"
              "<noscript><p><a href=\"/api/portal/assignment/accounts\">The list of accounts</a></p></noscript>\n"
              "<script>\n"
              "const state = document.getElementById('state');\n"
              "(async () => {\n"
              "  await fetch('/api/portal/instance/appinstances');\n"
              "  const answer = await fetch('/api/portal/assignment/accounts');\n"
              "  const list = (await answer.json()).accountList;\n"
              "  state.textContent = list.length ? list.length + ' accounts' : 'No accounts are assigned to you.';\n"
              "  document.querySelector('table').hidden = !list.length;\n"
              "  for (const account of list) {\n"
              "    const row = document.querySelector('tbody').insertRow();\n"
              "    row.insertCell().textContent = account.accountId;\n"
              "    row.insertCell().textContent = account.accountName;\n"
              "  }\n"
              "})().catch(() => { state.textContent = 'The accounts could not be loaded.'; });\n"
              "</script>\n");
    html_end(page);
}

static void
add_account(struct buf *json, const struct account *account)
{
    buf_printf(json, "{\"accountId\":\"%s\",\"accountName\":\"%s\",\"emailAddress\":\"%s\"}", account->id,
               account->name, account->email);
}

static void
add_instances(struct buf *json, int count)
{
    buf_add_c(json, "{\"paginationToken\":null,\"result\":[");
    if (count > 0)
        buf_add_c(json, "{\"id\":\"ins-0123456789abcdef\",\"name\":\"AWS Account\","
                        "\"applicationId\":\"app-0123456789abcdef\",\"applicationName\":\"AWS Account\"}");
    buf_add_c(json, "]}");
}

static void
add_accounts(struct buf *json, int count)
{
    buf_add_c(json, "{\"paginationToken\":null,\"accountList\":[");
    for (int i = 0; i < count && i < (int)COUNT_OF(accounts); i++) {
        if (i > 0)
            buf_add_c(json, ",");
        add_account(json, &accounts[i]);
    }
    buf_add_c(json, "]}");
}

static void
add_roles(struct buf *json, int count, struct str account_id)
{
    buf_add_c(json, "{\"paginationToken\":null,\"roleList\":[");
    for (int i = 0; i < count && i < (int)COUNT_OF(accounts); i++)
        if (str_eq_c(account_id, accounts[i].id))
            buf_printf(json, "{\"roleName\":\"LabAdministrator\",\"accountId\":\"%s\"}", accounts[i].id);
    buf_add_c(json, "]}");
}

/* The portal's own interface, as its page and the browser of the lab ask it. */
static void
interface(struct visit *visit, struct str what)
{
    struct str user = visit_user(visit, cookie);
    int count = str_present(user) ? lab_idc_accounts(user) : -1;
    struct buf *json = &visit->reply->body;

    visit_header(visit, "Content-Type", STR("application/json"));
    if (count < 0) {
        visit->reply->status = 401;
        buf_add_c(json, "{\"message\":\"Session token not found or invalid\",\"__type\":"
                        "\"com.amazonaws.switchboard.portal#UnauthorizedException\"}");
    } else if (str_eq_c(what, "/instance/appinstances")) {
        add_instances(json, count);
    } else if (str_eq_c(what, "/assignment/accounts")) {
        add_accounts(json, count);
    } else if (str_eq_c(what, "/assignment/roles")) {
        add_roles(json, count, visit_field(visit, "account_id"));
    } else {
        visit->reply->status = 404;
        buf_add_c(json, "{\"message\":\"Not found\"}");
    }
}

void
site_idc_answer(struct visit *visit, struct str path)
{
    struct str api = STR("/api/portal");

    if (str_eq_c(path, LAB_IDC_ACS_PATH))
        consume(visit);
    else if (str_eq_c(path, "/start") || str_eq_c(path, "/start/") || str_eq_c(path, "/"))
        portal(visit);
    else if (str_starts(path, api))
        interface(visit, str_from_offset(path, api.len));
    else if (str_starts_c(path, "/instance/") || str_starts_c(path, "/assignment/"))
        interface(visit, path);
    else if (str_eq_c(path, "/metadata"))
        visit_document(visit, "application/samlmetadata+xml", lab_sp_metadata(visit->arena, LAB_IDC));
    else
        visit_not_found(visit, party);
}

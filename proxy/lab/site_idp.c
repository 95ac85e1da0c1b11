/* SPDX-License-Identifier: MIT */
#include "hosts.h"

#include <string.h>

#include "faults.h"
#include "find.h"
#include "html.h"
#include "pack.h"
#include "text.h"

static const char iam_users[] = LAB_USER " has one role, " LAB_USER_TWO_ROLES " has two. Any other name works, too.";
static const char idc_users[] = LAB_USER " has two accounts, " LAB_USER_TWO_ROLES " has one, " LAB_USER_NO_ACCOUNTS
                                         " has none. Others are not known there.";
static const char party[] = "samltap lab · identity provider";

/* Who asks: fields that travel through the login form. */
struct asked {
    bool known;
    enum lab_target target;
    struct str request_id; /* absent: started at the identity provider */
    struct str relay_state;
    const char *problem; /* why nobody can be served; NULL when known */
};

static bool
target_of(struct str name, enum lab_target *target)
{
    *target = str_eq_c(name, "idc") ? LAB_IDC : LAB_IAM;
    return str_eq_c(name, "idc") || str_eq_c(name, "iam");
}

/* An NCName as far as IDs of requests go: it is written into the Response. */
static bool
is_id(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
              c == '.'))
            return false;
    }
    return text.len > 0 && text.len <= 256;
}

static struct asked
asked_by_request(struct visit *visit)
{
    struct asked asked = { 0 };
    struct messages messages = { 0 };
    const struct message *message;
    const struct saml_message *saml;

    if (!find_messages(visit->arena, visit->request, NULL, &messages) || messages.count == 0 ||
        messages.items[0].saml == NULL || messages.items[0].saml->kind != MESSAGE_AUTHN_REQUEST) {
        asked.problem = "This address takes a SAML AuthnRequest by HTTP-Redirect, and there is none.";
        return asked;
    }
    message = &messages.items[0];
    saml = message->saml;
    asked.target = LAB_IDC;
    asked.request_id = saml->id.text;
    asked.relay_state = message->relay_state;
    if (!str_eq_c(saml->issuer.value.text, LAB_IDC_ENTITY))
        asked.problem = "The request comes from a service provider that is not registered here.";
    else if (str_present(saml->request.acs_url.text) && !str_eq_c(saml->request.acs_url.text, LAB_IDC_ACS))
        asked.problem = "The request names a reply address that is not registered here.";
    else if (!is_id(asked.request_id))
        asked.problem = "The request has no usable ID.";
    asked.known = asked.problem == NULL;
    return asked;
}

static struct asked
asked_by_form(struct visit *visit)
{
    struct asked asked = { .request_id = visit_field(visit, "request_id"),
                           .relay_state = visit_field(visit, "relay_state") };

    asked.known = target_of(visit_field(visit, "target"), &asked.target) &&
                  (!str_present(asked.request_id) || is_id(asked.request_id));
    if (!asked.known)
        asked.problem = "The form does not say where the sign-in goes. Please start again.";
    return asked;
}

static void
add_fault_choice(struct buf *page, const char *target, const char *preset)
{
    buf_add_c(page, "<label for=\"fault\">What should go wrong</label>\n<select id=\"fault\" name=\"fault\">\n"
                    "<option value=\"none\">Nothing: the sign-in works</option>\n");
    for (size_t i = 0; i < lab_fault_count(); i++) {
        const struct lab_fault *fault = lab_fault_at(i);

        if (!lab_fault_shows(fault, target))
            continue;
        buf_printf(page, "<option value=\"%s\"%s>", fault->name,
                   preset != NULL && strcmp(preset, fault->name) == 0 ? " selected" : "");
        html_text(page, str_from(fault->title));
        buf_printf(page, " (%s)</option>\n", fault->name);
    }
    buf_add_c(page, "</select>\n");
}

static void
login_page(struct visit *visit, const struct asked *asked)
{
    const char *target = asked->target == LAB_IAM ? "iam" : "idc";
    struct buf *page = visit_page(visit, 200, party, "Sign in");

    buf_printf(page, "<p>You are going to <strong>%s</strong>.</p>\n<form method=\"post\" action=\"/login\">\n",
               asked->target == LAB_IAM ? "AWS IAM federation (lab)" : "AWS IAM Identity Center (lab)");
    html_hidden(page, "target", str_from(target));
    html_hidden(page, "request_id", asked->request_id);
    html_hidden(page, "relay_state", asked->relay_state);
    buf_printf(page,
               "<label for=\"user\">User</label>\n<input id=\"user\" name=\"user\" value=\"" LAB_USER
               "\" autocomplete=\"off\" required aria-describedby=\"users\">\n"
               "<p class=\"hint\" id=\"users\">%s</p>\n"
               "<label for=\"password\">Password</label>\n"
               "<input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"off\" "
               "aria-describedby=\"any\">\n<p class=\"hint\" id=\"any\">Any password will do.</p>\n",
               asked->target == LAB_IAM ? iam_users : idc_users);
    add_fault_choice(page, target, visit->site->fault);
    buf_add_c(page, "<button type=\"submit\">Sign in</button>\n</form>\n");
    html_end(page);
}

static void
post_page(struct visit *visit, const struct lab_order *order, struct str value)
{
    struct buf *page = visit_page(visit, 200, party, "Back to the service provider");

    buf_add_c(page, "<form method=\"post\" action=\"");
    html_text(page, order->post_to);
    buf_add_c(page, "\">\n<input type=\"hidden\" name=\"");
    html_text(page, order->field);
    buf_add_c(page, "\" value=\"");
    html_text(page, value);
    buf_add_c(page, "\">\n");
    html_hidden(page, "RelayState", order->relay_state);
    buf_add_c(page, "<noscript><p>Press the button to go on.</p></noscript>\n"
                    "<button type=\"submit\">Go on</button>\n</form>\n"
                    "<script>document.forms[0].submit()</script>\n");
    html_end(page);
}

/* What no response should do: travel in a URL. */
static void
send_by_query(struct visit *visit, const struct lab_order *order, struct str value)
{
    enum { MAX_URL = 64 * 1024 };
    struct buf url;

    buf_init(&url, MAX_URL);
    buf_add_str(&url, order->post_to);
    buf_add_c(&url, "?SAMLResponse=");
    lab_add_percent(&url, value);
    if (str_present(order->relay_state)) {
        buf_add_c(&url, "&RelayState=");
        lab_add_percent(&url, order->relay_state);
    }
    visit_redirect(visit, arena_copy(visit->arena, buf_str(&url)));
    buf_release(&url);
}

static const char *
chosen_fault(struct visit *visit)
{
    struct str name = visit_field(visit, "fault");
    struct str copy = arena_copy(visit->arena, name);

    return str_present(copy) ? copy.ptr : visit->site->fault;
}

static void
login(struct visit *visit)
{
    struct asked asked = asked_by_form(visit);
    struct str user = str_trim(visit_field(visit, "user")), xml, value;
    struct lab_order order;

    if (!asked.known) {
        visit_notice(visit, 400, party, "Sign-in not possible", NULL, asked.problem);
        return;
    }
    if (user.len == 0 || user.len > 100 || !text_is_xml(user)) {
        visit_notice(visit, 400, party, "Sign-in not possible", NULL, "Please give a user name of 1 to 100 bytes.");
        return;
    }
    lab_order_init(&order, visit->arena, asked.target, user, asked.request_id, visit->now_ms);
    order.relay_state = asked.relay_state;
    lab_fault_apply(chosen_fault(visit), &order, visit->arena);
    xml = lab_issue(visit->arena, &order, &visit->site->keys);
    value = str_present(xml) ? lab_pack(visit->arena, order.packing, xml) : xml;
    if (!str_present(value))
        visit_notice(visit, 500, party, "Sign-in not possible", NULL,
                     "The message could not be made: this system's OpenSSL refuses the algorithm.");
    else if (order.packing == LAB_PACK_QUERY)
        send_by_query(visit, &order, value);
    else
        post_page(visit, &order, value);
}

static void
home(struct visit *visit)
{
    struct buf *page = visit_page(visit, 200, party, "Applications");

    buf_add_c(page, "<ul>\n<li><a href=\"/start?target=iam\">AWS IAM federation (lab)</a></li>\n"
                    "<li><a href=\"https://" LAB_IDC_HOST "/start\">AWS IAM Identity Center (lab)</a></li>\n</ul>\n");
    html_end(page);
}

void
site_idp_answer(struct visit *visit, struct str path)
{
    bool post = str_eq_c(visit->request->method, "POST");
    struct asked asked;

    if (str_eq_c(path, "/login") && post) {
        login(visit);
    } else if (str_eq_c(path, "/start") || str_eq_c(path, "/sso")) {
        asked = str_eq_c(path, "/sso") ? asked_by_request(visit) : asked_by_form(visit);
        if (asked.known)
            login_page(visit, &asked);
        else
            visit_notice(visit, 400, party, "Sign-in not possible", NULL, asked.problem);
    } else if (str_eq_c(path, "/metadata")) {
        visit_document(visit, "application/samlmetadata+xml",
                       lab_idp_metadata(visit->arena, lab_key_certificate(visit->site->keys.ours)));
    } else if (str_eq_c(path, "/")) {
        home(visit);
    } else {
        visit_not_found(visit, party);
    }
}

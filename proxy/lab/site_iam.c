/* SPDX-License-Identifier: MIT */
#include "hosts.h"

#include "html.h"
#include "judge.h"

static const char party[] = "samltap lab · AWS IAM federation";
static const char cookie[] = "lab-console";

static void
role_choice(struct visit *visit, const struct lab_judgement *judgement)
{
    struct buf *page = visit_page(visit, 200, party, "Select a role");

    buf_add_c(page, "<form method=\"post\" action=\"/role\">\n<fieldset><legend>Account " LAB_ACCOUNT "</legend>\n");
    for (size_t i = 0; i < judgement->role_count; i++) {
        buf_printf(page, "<label class=\"choice\"><input type=\"radio\" name=\"role\"%s value=\"",
                   i == 0 ? " checked" : "");
        html_text(page, judgement->roles[i]);
        buf_add_c(page, "\">");
        html_text(page, judgement->roles[i]);
        buf_add_c(page, "</label>\n");
    }
    buf_add_c(page, "</fieldset>\n<button type=\"submit\">Sign in</button>\n</form>\n");
    html_end(page);
}

static void
consume(struct visit *visit)
{
    struct lab_judgement judgement;

    lab_judge_iam(visit->arena, visit->site->trusted, visit->request, visit->now_ms, &judgement);
    if (!judgement.accepted) {
        visit_notice(visit, judgement.status, party, "Sign-in failed", judgement.said,
                     "The lab's service provider says no more than the real one does. samltap knows why.");
        return;
    }
    visit_sign_in(visit, cookie, judgement.session);
    if (judgement.role_count > 1)
        role_choice(visit, &judgement);
    else
        visit_redirect(visit, STR("https://" LAB_IAM_HOST "/console/home"));
}

static void
console(struct visit *visit)
{
    struct str user = visit_user(visit, cookie);
    struct buf *page;

    if (!str_present(user)) {
        visit_redirect(visit, STR("https://" LAB_IDP_HOST "/start?target=iam"));
        return;
    }
    page = visit_page(visit, 200, party, "Console Home");
    buf_add_c(page, "<p>Signed in to account " LAB_ACCOUNT " as <strong>");
    html_text(page, user);
    buf_add_c(page, "</strong>.</p>\n");
    html_end(page);
}

void
site_iam_answer(struct visit *visit, struct str path)
{
    bool post = str_eq_c(visit->request->method, "POST");

    if (str_eq_c(path, "/saml"))
        consume(visit);
    else if (str_eq_c(path, "/role") && post)
        visit_redirect(visit, STR("https://" LAB_IAM_HOST "/console/home"));
    else if (str_eq_c(path, "/console/home"))
        console(visit);
    else if (str_eq_c(path, "/static/saml-metadata.xml"))
        visit_document(visit, "application/samlmetadata+xml", lab_sp_metadata(visit->arena, LAB_IAM));
    else
        visit_not_found(visit, party);
}

/* SPDX-License-Identifier: MIT */
#include "router.h"

#include "form.h"
#include "hosts.h"

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

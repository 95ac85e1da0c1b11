/* SPDX-License-Identifier: MIT */
#include "site.h"

#include "parties.h"

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

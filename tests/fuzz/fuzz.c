/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "saml.h"
#include "saml_maker.h"

#define CASES "tests/cases/"

enum { MAX_FILE_NAME = 300 };

void
fuzz_start(void)
{
    const char *why = NULL;

    if (!saml_library_init(&why)) {
        fprintf(stderr, "%s\n", why);
        exit(1);
    }
}

void
fuzz_promise(bool holds)
{
    if (!holds)
        abort();
}

void
fuzz_seed(struct fuzz_seeds *seeds, struct str input)
{
    fuzz_promise(arena_grow(seeds->arena, (void **)&seeds->items, seeds->count, &seeds->capacity, sizeof(struct str)));
    seeds->items[seeds->count++] = arena_copy(seeds->arena, input);
}

void
fuzz_seed_c(struct fuzz_seeds *seeds, const char *text)
{
    fuzz_seed(seeds, str_from(text));
}

/* Calls visit with the path of every file in a folder of the cases that has this ending, in order of names. */
static void
each_file(struct fuzz_seeds *seeds, const char *folder, const char *ending,
          void (*visit)(struct fuzz_seeds *seeds, const char *path, void *extra), void *extra)
{
    char path[MAX_FILE_NAME];
    struct dirent **entries;
    int count;

    snprintf(path, sizeof path, CASES "%s", folder);
    count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, CASES "%s/%s", folder, entries[i]->d_name);
        if (str_ends_c(str_from(entries[i]->d_name), ending))
            visit(seeds, path, extra);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static struct str
fill(struct arena *arena, const char *path)
{
    struct str template = case_file_bytes(arena, path), xml = { 0 };
    struct buf out;
    char why[200];

    saml_maker_set_key("idp", fuzz_key());
    saml_maker_set_key("sp", fuzz_key());
    buf_init(&out, 1 << 20);
    if (str_present(template) && saml_maker_fill(template, &out, why, sizeof why))
        xml = arena_copy(arena, buf_str(&out));
    buf_release(&out);
    return xml;
}

static void
add_template(struct fuzz_seeds *seeds, const char *path, void *extra)
{
    struct str xml = fill(seeds->arena, path);

    (void)extra;
    if (str_present(xml))
        fuzz_seed(seeds, xml);
}

void
fuzz_seed_templates(struct fuzz_seeds *seeds)
{
    each_file(seeds, "base", ".xml", add_template, NULL);
    each_file(seeds, "base/vendor", "-idc.xml", add_template, NULL);
}

struct str
fuzz_template(struct arena *arena, const char *name)
{
    char path[MAX_FILE_NAME];

    snprintf(path, sizeof path, CASES "base/%s", name);
    return fill(arena, path);
}

struct case_visit {
    void (*visit)(struct fuzz_seeds *seeds, const struct case_file *file);
};

static void
visit_case(struct fuzz_seeds *seeds, const char *path, void *extra)
{
    const struct case_visit *visit = extra;
    char why[600];
    const struct case_file *file = case_file_read(seeds->arena, path, CASES "base", why, sizeof why);

    if (file != NULL)
        visit->visit(seeds, file);
}

void
fuzz_each_case(struct fuzz_seeds *seeds, const char *folder,
               void (*visit)(struct fuzz_seeds *seeds, const struct case_file *file))
{
    struct case_visit extra = { visit };

    each_file(seeds, folder, ".case", visit_case, &extra);
}

struct exchange *
fuzz_exchanges(struct arena *arena)
{
    struct exchange *all = arena_calloc(arena, FUZZ_EXCHANGES, sizeof *all), *one;
    struct str request = fuzz_template(arena, "authnrequest.xml"), response = fuzz_template(arena, "generic.xml");
    struct buf text;

    fuzz_promise(all != NULL);
    buf_init(&text, 1 << 20);
    buf_add_c(&text, "https://idp.example.com/saml/sso?");
    saml_maker_query("SAMLRequest", request, STR("token-1"), NULL, NULL, &text);
    one = saml_maker_exchange(arena, "GET", "https://sp.example.com/app", (struct str){ 0 });
    saml_maker_answer(arena, one, 302, NULL, STR(""));
    saml_maker_answer_header(arena, one, "Location", arena_copy(arena, buf_str(&text)).ptr);
    all[0] = *one;
    one = saml_maker_exchange(arena, "GET", arena_copy(arena, buf_str(&text)).ptr, (struct str){ 0 });
    buf_reset(&text);
    saml_maker_page("https://sp.example.com/saml/acs", "SAMLResponse", response, STR("token-1"), &text);
    saml_maker_answer(arena, one, 200, "text/html; charset=utf-8", buf_str(&text));
    all[1] = *one;
    one = saml_maker_post(arena, "https://sp.example.com/saml/acs", "SAMLResponse", response, STR("token-1"));
    saml_maker_request_header(arena, one, "Cookie", "session=1; other=2");
    saml_maker_answer(arena, one, 302, NULL, STR(""));
    saml_maker_answer_header(arena, one, "Location", "/app?x=1");
    saml_maker_answer_header(arena, one, "Set-Cookie", "signed=in; Path=/; Secure");
    all[2] = *one;
    one = saml_maker_exchange(
        arena, "POST", "https://scim.eu-west-1.amazonaws.com/t1/scim/v2/Users",
        STR("{\"schemas\": [\"urn:ietf:params:scim:schemas:core:2.0:User\"], \"userName\": \"j\"}"));
    saml_maker_request_header(arena, one, "Content-Type", "application/scim+json");
    saml_maker_answer(arena, one, 409, "application/scim+json", STR("{\"detail\": \"exists\", \"status\": \"409\"}"));
    all[3] = *one;
    buf_release(&text);
    return all;
}

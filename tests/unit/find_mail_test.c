/* SPDX-License-Identifier: MIT */
/* What mail programs, ticket systems, pages, loggers and browsers' "copy as" make of a message. */
#include "mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "paste_maker.h"
#include "text_forms.h"

#define URL "https://idp.test/sso"
#define HEAD "From: jane@example.com\r\nTo: help@example.com\r\nSubject: cannot sign in\r\nMIME-Version: 1.0\r\n"

static void
texts(void **state)
{
    static const struct paste_row rows[] = {
        /* Mail and ticket text. */
        { "Hi,\n> see " URL "?SAMLRequest={Q}&RelayState=r\n> thanks", INPUT_TEXT,
          "http-redirect request " URL " relay=r;" },
        { "The page says:\n```\n{B}\n```\nWhy?", INPUT_TEXT, "none response;" },
        { "The page says:\n~~~xml\n{R}\n~~~\nWhy?", INPUT_TEXT, "none response;" },
        { "see [the link](" URL "?SAMLRequest={Q}) please", INPUT_TEXT, "http-redirect request " URL ";" },
        { "he sent \xe2\x80\x9c{B}\xe2\x80\x9d to us", INPUT_TEXT, "none response;" },
        { "he sent {Z} to us", INPUT_TEXT, "none response;" },
        { "{Z}", INPUT_BASE64, "none response;" },
        { "\xe2\x80\x8b{B}", INPUT_BASE64, "none response;" },
        { "it was {p} I think", INPUT_TEXT, "none response;" },
        { "SAMLResponse={p}", INPUT_FORM, "http-post response;" },
        { "SAMLResponse={D}", INPUT_FORM, "http-post response double-percent;" },
        { URL "?SAMLRequest={Q}&RelayState=a%2520b", INPUT_URL, "http-redirect request " URL " relay=a%20b;" },
        { "SAMLResponse: {B}\nRelayState: r\n", INPUT_TEXT, "none response;" },
        { "SAMLResponse={P}\nRelayState=r\n", INPUT_FORM, "http-post response relay=r;" },
        { "SAMLResponse={P}\r\nRelayState=r\r\n\r\nThanks for a look!\r\n", INPUT_FORM, "http-post response relay=r;" },
        /* Quoted-printable. */
        { "Content-Transfer-Encoding: quoted-printable\n\n<p>see <a href=3D\"" URL
          "?SAMLRequest{3}&amp;RelayState=3Dr\">this</a></p>",
          INPUT_TEXT, "http-redirect request " URL " relay=r;" },
        /* HTML. */
        { "<p>see <a href=\"" URL "?SAMLRequest={Q}&amp;RelayState=r\">this</a></p>", INPUT_TEXT,
          "http-redirect request " URL " relay=r;" },
        { "<html><body><pre>{X}</pre></body></html>", INPUT_TEXT, "none response;" },
        { "he got {X} and &quot;more&quot;", INPUT_TEXT, "none response;" },
        /* JSON and JavaScript in a log. */
        { "2026-01-01 {\"url\":\"https:\\/\\/idp.test\\/sso?SAMLRequest\\u003d{Q}\\u0026RelayState\\u003dr\"}",
          INPUT_TEXT, "http-redirect request " URL " relay=r;" },
        { "DEBUG \"SAMLResponse\":\"{J}\" received", INPUT_TEXT, "none response;" },
        { "{\"body\":\"SAMLResponse={P}&RelayState=r\"}", INPUT_JSON, "http-post response relay=r;" },
        { "see <https://adfs.test/adfs/ls/?wa=wsignin1.0&amp;wtrealm=urn%3Aapp&amp;wctx=c> now", INPUT_TEXT,
          "http-redirect none https://adfs.test/adfs/ls/ relay=c;" },
        /* OAuth in text. */
        { "it goes to https://idp.test/authorize?response_type=code&client_id=a&state=abcdefgh&scope=openid and stops",
          INPUT_TEXT, "http-redirect oauth:authorization-request https://idp.test/authorize;" },
        { "they send Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.QUJDRA in it", INPUT_TEXT,
          "none oauth:token;" },
        { "see https://www.example.com/?q=1 and https://www.example.com/?code=SUMMER&state=CA", INPUT_UNKNOWN,
          "text of " },
    };

    (void)state;
    paste_check(rows, COUNT_OF(rows));
}

static void
mails(void **state)
{
    static const struct paste_row rows[] = {
        { HEAD "\r\nIt was\r\n{W}\r\n", INPUT_MAIL, "none response;" },
        { HEAD "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSee " URL
               "?SAMLRequest{3}\r\n",
          INPUT_MAIL, "http-redirect request " URL ";" },
        { HEAD "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>See <a href=3D\"" URL
               "?SAMLRequest{3}&amp;RelayState=3Dr\">x</a></p>\r\n",
          INPUT_MAIL, "http-redirect request " URL " relay=r;" },
        /* The same words twice are read once. */
        { HEAD "Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n" URL
               "?SAMLRequest={Q}\r\n--b\r\nContent-Type: text/html\r\n\r\n<a href=\"" URL
               "?SAMLRequest={Q}\">x</a>\r\n--b--\r\n",
          INPUT_MAIL, "http-redirect request " URL ";" },
        { HEAD "Content-Type: multipart/mixed;\r\n boundary=b\r\n\r\npreamble\r\n--b\r\n\r\nHere it is.\r\n--b\r\n"
               "Content-Type: application/json; name=\"trace.har\"\r\nContent-Disposition: attachment;\r\n filename="
               "\"trace.har\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{H}\r\n--b--\r\n",
          INPUT_MAIL, "http-post response https://sp.test/acs;" },
        { HEAD
          "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; filename=t.har.gz"
          "\r\nContent-Transfer-Encoding: base64\r\n\r\n{G}\r\n--b\r\nContent-Type: text/xml\r\n"
          "Content-Disposition: attachment; filename=r.xml\r\n\r\n{R}\r\n--b--",
          INPUT_MAIL, "none response;http-post response https://sp.test/acs;" },
        /* A mail in a mail, cut off. */
        { HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" HEAD
               "\r\n" URL "?SAMLRequest={Q}\r\n",
          INPUT_MAIL, "http-redirect request " URL ";" },
        { "From jane@example.com Thu Jan  1 00:00:00 2026\n" HEAD
          "\r\n{W}\r\n\nFrom joe@example.com Thu Jan  1 00:00:00 "
          "2026\n" HEAD "\r\n" URL "?SAMLRequest={Q}\r\n",
          INPUT_MAIL, "none response base64-wrapped;http-redirect request " URL ";" },
        { HEAD "\r\nNothing in it.\r\n", INPUT_UNKNOWN, "a mail of 1 part, of which 0 are a file, without a message" },
        { HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; "
               "filename=a.png\r\n\r\n\x89PNG\r\n\x1a\n\r\n--b--\r\n",
          INPUT_UNKNOWN, "a mail of 1 part, of which 1 is a file, without a message" },
    };

    (void)state;
    paste_check(rows, COUNT_OF(rows));
}

static void
copied_requests(void **state)
{
    static const struct paste_row rows[] = {
        /* Chrome, Firefox, Node.js. */
        { "fetch(\"https://sp.test/acs\", {\n  \"headers\": {\n    \"content-type\": "
          "\"application/x-www-form-urlencoded\"\n  "
          "},\n  \"body\": \"SAMLResponse={P}&RelayState=r\",\n  \"method\": \"POST\"\n});",
          INPUT_FETCH, "http-post response https://sp.test/acs relay=r;" },
        { "await fetch(\"https://sp.test/acs\", {\n    \"credentials\": \"include\",\n    \"headers\": {},\n    "
          "\"body\": "
          "\"SAMLResponse={P}\",\n    \"method\": \"POST\",\n    \"mode\": \"cors\"\n});",
          INPUT_FETCH, "http-post response https://sp.test/acs;" },
        { "const r = await fetch('https://sp.test/acs', { method: 'POST', credentials: undefined, body: "
          "`SAMLResponse={P}`, });",
          INPUT_FETCH, "http-post response https://sp.test/acs;" },
        { "fetch(\"" URL
          "?SAMLRequest={Q}\", { \"body\": null, \"method\": \"GET\" }); ;\nfetch(\"https://sp.test/\");",
          INPUT_FETCH, "http-redirect request " URL ";" },
        { "fetch(url, { method: 'POST' })", INPUT_UNKNOWN, "begins like a copied request, but there is no URL in it" },
        /* PowerShell. */
        { "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n$session.UserAgent = "
          "\"Mozilla/5.0\"\n"
          "Invoke-WebRequest -UseBasicParsing -Uri \"https://sp.test/acs\" `\n-Method \"POST\" `\n-WebSession $session "
          "`\n"
          "-Headers @{\n\"origin\"=\"https://idp.test\"\n  \"sec-ch-ua\"=\"`\"Chromium`\";v=`\"1`\"\"\n} "
          "`\n-ContentType "
          "\"application/x-www-form-urlencoded\" `\n-Body \"SAMLResponse={P}&RelayState=r$([char]97)\"",
          INPUT_POWERSHELL, "http-post response https://sp.test/acs relay=ra;" },
        { "PS C:\\Users\\jane> iwr '" URL "?SAMLRequest={Q}' -Headers @{ Accept = '*/*' }; exit", INPUT_POWERSHELL,
          "http-redirect request " URL ";" },
        { "Invoke-RestMethod -Method Post", INPUT_UNKNOWN, "begins like a copied request, but there is no URL in it" },
        /* curl in the ways that are not in find_paste_test. */
        { "curl \xe2\x80\x98https://sp.test/acs\xe2\x80\x99 --data-raw \xe2\x80\x98SAMLResponse={P}\xe2\x80\x99",
          INPUT_CURL, "http-post response https://sp.test/acs;" },
        { "curl https://sp.test/acs --data-binary $'SAMLResponse={P}'", INPUT_CURL,
          "http-post response https://sp.test/acs;" },
        { "curl 'https://sp.test/acs' -H 'content-type: multipart/form-data; boundary=x' --data-binary $'--x\\r\\n"
          "Content-Disposition: form-data; name=\"SAMLResponse\"\\r\\n\\r\\n{B}\\r\\n--x--\\r\\n'",
          INPUT_CURL, "http-post response https://sp.test/acs;" },
    };

    (void)state;
    paste_check(rows, COUNT_OF(rows));
}

static void
wide_texts(void **state)
{
    static const struct {
        const char *text;
        enum input_kind kind;
    } rows[] = {
        { "{B}", INPUT_BASE64 },
        { URL "?SAMLRequest={Q}&RelayState=r", INPUT_URL },
        { "see\r\n{W}\r\nthere", INPUT_TEXT },
        { "{R}", INPUT_XML },
        { "hello world, nothing else", INPUT_UNKNOWN },
    };
    static const struct saml_options options = { 0 };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        for (unsigned form = 0; form < 4; form++) { /* with the mark or without, in both orders */
            struct arena *arena = arena_new(32 << 20);
            struct str text = paste_fill(arena, rows[i].text), wide;
            struct input input;
            struct buf out;

            buf_init(&out, 1 << 20);
            if (form < 2)
                buf_add_c(&out, form == 0 ? "\xff\xfe" : "\xfe\xff");
            for (size_t k = 0; k < text.len; k++) {
                if (form % 2 != 0)
                    buf_add_byte(&out, '\0');
                buf_add_byte(&out, text.ptr[k]);
                if (form % 2 == 0)
                    buf_add_byte(&out, '\0');
            }
            wide = buf_str(&out);
            assert_int_equal(find_input(arena, wide, &options, &input), rows[i].kind != INPUT_UNKNOWN);
            assert_int_equal(input.kind, rows[i].kind);
            if (input.kind != INPUT_UNKNOWN)
                assert_non_null(input.messages.items[0].saml);
            else if (!str_starts_c(input.problem, "text of 25 bytes"))
                fail_msg("%.*s", STR_ARG(input.problem));
            buf_release(&out);
            arena_free(arena);
        }
}

static void
forms_are_taken_back(void **state)
{
    struct arena *arena = arena_new(1 << 20);
    struct str plain = STR("plain");

    (void)state;
    assert_true(str_eq_c(text_cleaned(arena, STR("a\xe2\x80\x8b"
                                                 "b\xc2\xa0\xe2\x80\x9cq\xe2\x80\x9d\xc3\xa9")),
                         "ab \"q\"\xc3\xa9"));
    assert_true(str_eq_c(text_unquoted(arena, STR("a=3Db=\r\nc=\nd=zz=")), "a=bcd=zz="));
    assert_true(str_eq_c(text_unescaped(arena, STR("\\u003d\\/\\\"\\n\\x41\\q\\u12")), "=/\"\nA\\q\\u12"));
    assert_true(str_eq_c(text_without_tags(arena, STR("a<b>b</b><br/>c < d<wbr>e")), "ab\nc < de"));
    assert_true(text_cleaned(arena, plain).ptr == plain.ptr);
    assert_true(text_without_tags(arena, plain).ptr == plain.ptr);
    arena_free(arena);
}

/* Nested without end, and of parts without end. */
static void
hostile_mails_end(void **state)
{
    struct arena *arena = arena_new(64 << 20);
    struct buf text;
    struct mail mail;

    (void)state;
    buf_init(&text, 8 << 20);
    for (int i = 0; i < 1000; i++)
        buf_add_c(&text, HEAD "Content-Type: message/rfc822\r\n\r\n");
    assert_true(mail_read(arena, buf_str(&text), &mail));
    assert_true(mail.cut);
    buf_reset(&text);
    buf_add_c(&text, HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
    for (int i = 0; i < 10000; i++)
        buf_add_c(&text, "--b\r\n\r\nx\r\n");
    assert_true(mail_read(arena, buf_str(&text), &mail));
    assert_true(mail.cut);
    assert_int_equal(mail.count, MAIL_MAX_PARTS);
    buf_release(&text);
    arena_free(arena);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts),
        cmocka_unit_test(mails),
        cmocka_unit_test(copied_requests),
        cmocka_unit_test(wide_texts),
        cmocka_unit_test(forms_are_taken_back),
        cmocka_unit_test(hostile_mails_end),
    };
    const char *why;

    if (!saml_library_init(&why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "html.h"

static const char style[] =
    ":root{color-scheme:light dark;--line:#8888}"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:38rem;margin:2rem auto;padding:0 1rem}"
    "header{border-bottom:1px solid var(--line);padding-bottom:.5rem;opacity:.8}"
    "h1{font-size:1.5rem;margin:1.25rem 0 .75rem}"
    "label{display:block;margin:.9rem 0 .25rem;font-weight:600}"
    "input,select,button{font:inherit;padding:.5rem .6rem;border:1px solid var(--line);border-radius:.4rem;"
    "width:100%;box-sizing:border-box}"
    "button{margin-top:1.25rem;background:#1f5fbf;color:#fff;border-color:#1f5fbf;cursor:pointer}"
    ":focus-visible{outline:3px solid #e08a00;outline-offset:2px}"
    ".hint{font-size:.9rem;opacity:.8}"
    ".alert{border-left:4px solid #c62828;padding:.5rem .9rem;background:#c6282818}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid var(--line)}"
    "input[type=radio]{width:auto;margin-right:.5rem}"
    "label.choice{font-weight:400;overflow-wrap:anywhere}";

void
html_begin(struct buf *out, const char *party, const char *title)
{
    buf_add_c(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                   "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>");
    html_text(out, str_from(title));
    buf_printf(out, "</title><style>%s</style></head>\n<body><header>", style);
    html_text(out, str_from(party));
    buf_add_c(out, "</header>\n<main><h1>");
    html_text(out, str_from(title));
    buf_add_c(out, "</h1>\n");
}

void
html_end(struct buf *out)
{
    buf_add_c(out, "</main></body></html>\n");
}

void
html_text(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            buf_add_c(out, "&amp;");
            break;
        case '<':
            buf_add_c(out, "&lt;");
            break;
        case '>':
            buf_add_c(out, "&gt;");
            break;
        case '"':
            buf_add_c(out, "&quot;");
            break;
        case '\'':
            buf_add_c(out, "&#39;");
            break;
        default:
            buf_add_byte(out, text.ptr[i]);
        }
    }
}

void
html_hidden(struct buf *out, const char *name, struct str value)
{
    if (!str_present(value))
        return;
    buf_printf(out, "<input type=\"hidden\" name=\"%s\" value=\"", name);
    html_text(out, value);
    buf_add_c(out, "\">\n");
}

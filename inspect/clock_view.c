/* SPDX-License-Identifier: MIT */
#include "clock_view.h"

#include "report.h"
#include "url.h"

static struct str
issuer_of(const struct saml_message *saml)
{
    struct str issuer = str_trim(saml->issuer.value.text);

    return issuer.len == 0 && saml->assertion_count > 0 ? str_trim(saml->assertions[0].issuer.value.text) : issuer;
}

static int64_t
arrival_of(const struct exchange *exchange, const struct message *message)
{
    return message->in_response ? exchange->finished_ms : exchange->started_ms;
}

static void
note_messages(struct clocks *clocks, const struct report *report)
{
    for (size_t i = 0; i < report->messages.count; i++) {
        const struct message *message = &report->messages.items[i];

        if (message->saml != NULL && message->saml->issue_instant.valid)
            clocks_note_issue(clocks, issuer_of(message->saml), message->saml->issue_instant.time.ms,
                              arrival_of(report->exchange, message));
    }
}

/* Of the host by its answers; else by the messages that the entity issued. */
static void
read_clock(const struct clocks *clocks, struct arena *arena, struct str host, struct str entity_id,
           struct clock_reading *reading)
{
    if (!clocks_of_host(clocks, host, reading) && !clocks_of_entity(clocks, entity_id, reading))
        return;
    reading->party = arena_copy(arena, reading->party);
    /* A single message that looks late may have waited in the browser: that is no clock. */
    if (!reading->by_date && reading->stamps < 2 && reading->ahead_ms < 0)
        reading->stamps = 0;
}

static void
read_wait(struct clock_view *view, const struct report *report, const struct message *message,
          const struct exchange *page)
{
    const struct saml_time *issued = &message->saml->issue_instant;
    const struct exchange *exchange = report->exchange;

    view->waited_ms = -1;
    if (message->in_response || exchange->started_ms == 0)
        return;
    if (page != NULL && page->finished_ms != 0) {
        view->page_seen = true;
        view->waited_ms = exchange->started_ms - page->finished_ms;
    } else if (issued->valid && view->idp.stamps > 0) {
        view->waited_ms = exchange->started_ms - issued->time.ms + view->idp.ahead_ms;
    }
    if (view->waited_ms < 0)
        view->waited_ms = -1;
}

const struct clock_view *
clock_view_of(struct clocks *clocks, const struct report *report, const struct signin *signin)
{
    const struct message *message = report_first_answer(report);
    const struct exchange *page = signin != NULL && signin->page != NULL ? signin->page->exchange : NULL;
    const struct exchange *idp = page, *exchange = report->exchange;
    struct clock_view *view;
    struct str sp_host = { 0 }, sp_entity = { 0 };
    struct url url;

    clocks_note_answer(clocks, exchange);
    note_messages(clocks, report);
    view = message != NULL ? arena_alloc(report->arena, sizeof(*view)) : NULL;
    if (view == NULL)
        return NULL;
    if (message->in_response) {
        idp = exchange;
        sp_host = url_split(message->form_action, &url) ? url.host : (struct str){ 0 };
    } else {
        sp_host = exchange->host;
    }
    for (size_t i = 0; signin != NULL && signin->request != NULL && i < signin->request->messages.count; i++)
        if (signin->request->messages.items[i].saml != NULL && !str_present(sp_entity))
            sp_entity = issuer_of(signin->request->messages.items[i].saml);
    read_clock(clocks, report->arena, idp != NULL ? idp->host : (struct str){ 0 }, issuer_of(message->saml),
               &view->idp);
    read_clock(clocks, report->arena, sp_host, sp_entity, &view->sp);
    read_wait(view, report, message, page);
    return view;
}

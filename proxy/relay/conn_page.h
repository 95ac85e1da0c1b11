/* SPDX-License-Identifier: MIT */
#ifndef SAMLTAP_CONN_PAGE_H
#define SAMLTAP_CONN_PAGE_H

#include "conn_state.h"

/* CONN_PAGE: waits for the first request and answers it with the problem, or from our own site. */
void conn_page(struct conn *conn);

/* The same at once for the request that the tap has read and the server has not begun to answer. False: there is none. */
bool conn_page_now(struct conn *conn);

#endif

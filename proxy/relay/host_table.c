/* SPDX-License-Identifier: MIT */
#include "host_table.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

static struct host_row *
find(const struct host_table *table, const char *host, unsigned port)
{
    for (size_t i = 0; i < table->used; i++)
        if (table->rows[i]->port == port && strcmp(table->rows[i]->host, host) == 0)
            return table->rows[i];
    return NULL;
}

void
host_table_release(struct host_table *table)
{
    for (size_t i = 0; i < table->used; i++) {
        free(table->rows[i]->host);
        free(table->rows[i]->reason);
        free(table->rows[i]);
    }
    *table = (struct host_table){ 0 };
}

const struct host_row *
host_table_find(const struct host_table *table, const char *host, unsigned port)
{
    return find(table, host, port);
}

bool
host_table_count(struct host_table *table, const char *host, unsigned port, const char *reason)
{
    struct host_row *row = find(table, host, port);

    if (row != NULL) {
        row->count++;
        return false;
    }
    if (table->used == HOST_TABLE_ROWS) {
        table->left_out++;
        return false;
    }
    row = xcalloc(1, sizeof *row);
    *row = (struct host_row){ .host = xstrdup(host), .port = port, .reason = xstrdup(reason), .count = 1 };
    table->rows[table->used++] = row;
    return true;
}

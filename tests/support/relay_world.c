/* SPDX-License-Identifier: MIT */
#include "relay_world.h"

#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void
world_open(struct world *world, const char *certified, enum flaw flaw, serve_fn *serve, void *data)
{
    authority_init(&world->authority, "Test authority");
    world->ca_file = authority_file(&world->authority);
    server_start(&world->server, certified != NULL ? authority_server(&world->authority, certified, flaw) : NULL, serve,
                 data);
    strcpy(world->sp, "sp.test");
    strcpy(world->other, "other.test");
    strcpy(world->loopback, "127.0.0.1");
    world->rows[0] =
        (struct connect_to){ .host = world->sp, .to_host = world->loopback, .to_port = world->server.port };
    world->rows[1] =
        (struct connect_to){ .host = world->other, .to_host = world->loopback, .to_port = world->server.port };
    rig_init(&world->rig);
    world->rig.options.upstream_ca = world->ca_file;
    world->rig.options.connect_to = world->rows;
    world->rig.options.connect_to_count = COUNT_OF(world->rows);
}

void
world_close(struct world *world)
{
    rig_stop(&world->rig);
    server_stop(&world->server);
    rig_release(&world->rig);
    authority_release(&world->authority);
    unlink(world->ca_file);
    free(world->ca_file);
}

void
browse(struct world *world, struct line *line, const char *host)
{
    char authority[300];

    snprintf(authority, sizeof authority, "%s:443", host);
    assert_int_equal(client_connect(line, world->rig.port, authority), 200);
    if (!client_tls(line, host, world->rig.root))
        fail_msg("TLS: %s", ERR_error_string(line->error, NULL));
}

void
serve_fixed(struct line *line, void *data)
{
    struct buf head;

    buf_init(&head, 65536);
    while (line_read_head(line, &head)) {
        line_say(line, data);
        buf_reset(&head);
    }
    buf_release(&head);
}

/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "metadata_stream.h"

/* Metadata of a federation, as it comes from a file: in pieces, the first byte says of which size. */
enum { CEILING = 128 << 20 };

struct outcome {
    bool usable;
    size_t kept, seen;
};

static struct outcome
read_in_pieces(struct str input, size_t piece, const struct str *wanted, size_t wanted_count)
{
    struct arena *arena = arena_new(CEILING);
    struct metadata_stream *stream =
        arena != NULL ? metadata_stream_new(arena, STR("fuzz.xml"), wanted, wanted_count) : NULL;
    struct metadata metadata = { 0 };
    struct outcome outcome = { 0 };
    struct str why = { 0 };

    for (size_t at = 0; stream != NULL && at < input.len; at += piece) {
        struct str bytes = str_slice(input, at, piece);

        if (!metadata_stream_feed(stream, bytes.ptr, bytes.len))
            break;
    }
    if (stream != NULL) {
        outcome.usable = metadata_stream_end(stream, &metadata, &outcome.seen, &why);
        outcome.kept = outcome.usable ? metadata.entity_count : 0;
        fuzz_promise(outcome.usable || str_present(why));
        for (size_t i = 0; i < outcome.kept && wanted_count > 0; i++)
            fuzz_promise(str_eq(metadata.entities[i].entity_id, wanted[0]));
    }
    metadata_stream_free(stream);
    arena_free(arena);
    return outcome;
}

/* How the bytes are cut says nothing about what is in them, and who is named only leaves others out. */
static void
run(struct str input)
{
    static const struct str wanted = STR_INIT("https://idp.example.com/saml");
    struct outcome whole, pieces, one;
    struct str rest;

    if (input.len < 1)
        return;
    rest = str_from_offset(input, 1);
    whole = read_in_pieces(rest, rest.len + 1, NULL, 0);
    pieces = read_in_pieces(rest, 1 + (unsigned char)input.ptr[0], NULL, 0);
    fuzz_promise(whole.usable == pieces.usable && whole.kept == pieces.kept);
    fuzz_promise(!whole.usable || whole.seen == pieces.seen);
    one = read_in_pieces(rest, 1 + (unsigned char)input.ptr[0], &wanted, 1);
    fuzz_promise(!whole.usable || (one.usable && one.kept <= whole.kept && one.seen == whole.seen));
}

static void
seed(struct fuzz_seeds *seeds)
{
    static const char groups[] = "<EntitiesDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" "
                                 "validUntil=\"2030-01-01T00:00:00Z\">";
    struct str idp = fuzz_template(seeds->arena, "idp-metadata.xml"),
               sp = fuzz_template(seeds->arena, "sp-metadata.xml");

    fuzz_seed(seeds, arena_printf(seeds->arena, "\377%.*s", STR_ARG(idp)));
    fuzz_seed(seeds,
              arena_printf(seeds->arena, "\004%s%.*s%.*s</EntitiesDescriptor>", groups, STR_ARG(idp), STR_ARG(sp)));
    fuzz_seed(seeds, arena_printf(seeds->arena,
                                  "0\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- > -->%s%s%.*s"
                                  "</EntitiesDescriptor><?pi >?><![CDATA[<]]></EntitiesDescriptor>",
                                  groups, groups, STR_ARG(sp)));
}

FUZZ_TARGET(metadata_stream) = { .name = "metadata_stream", .max_len = 16384, .run = run, .seed = seed };

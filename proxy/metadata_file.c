/* SPDX-License-Identifier: MIT */
#include "metadata_file.h"

#include <string.h>
#include <sys/stat.h>

#include "byte_source.h"
#include "file.h"
#include "memory.h"
#include "metadata.h"
#include "metadata_stream.h"

enum { PIECE_BYTES = 64 * 1024, MAX_WANTED = 1000 };

/* "line 12, column 7: text" becomes "idp.xml:12:7: text", as compilers write it. */
static char *
problem_text(const char *path, struct str reason)
{
    struct str place, text, line, column;
    uint64_t number;

    if (str_starts_c(reason, "line ") && str_cut(str_from_offset(reason, 5), ':', &place, &text) &&
        str_cut(place, ',', &line, &column) && str_to_u64(line, &number) && str_starts_c(column, " column "))
        return xprintf("%s:%.*s:%.*s: %.*s; download the metadata again", path, STR_ARG(line),
                       STR_ARG(str_from_offset(column, 8)), STR_ARG(str_trim(text)));
    return xprintf("%s: %.*s%s", path, STR_ARG(reason),
                   str_find_c(reason, "--entity-id") == SIZE_MAX ? "; download the metadata again" : "");
}

/* --- which entities ------------------------------------------------------------------------------------------ */

static bool
is_named(const struct settings *settings, struct str id)
{
    for (size_t i = 0; i < settings->entity_id_count; i++)
        if (str_eq(settings->entity_ids[i], id))
            return true;
    return false;
}

/* Of a small file: keeps what --entity-id names, or all when it names nothing. */
static void
keep_named(const struct settings *settings, struct metadata *metadata)
{
    size_t kept = 0;

    for (size_t i = 0; i < metadata->entity_count && settings->entity_id_count > 0; i++)
        if (is_named(settings, metadata->entities[i].entity_id))
            metadata->entities[kept++] = metadata->entities[i];
    if (settings->entity_id_count > 0)
        metadata->entity_count = kept;
}

/* Of a big file: also the parties that are expected anyway. */
static size_t
wanted_of(const struct settings *settings, struct str wanted[MAX_WANTED])
{
    size_t count = 0;

    for (; count < settings->entity_id_count && count < MAX_WANTED - 2; count++)
        wanted[count] = settings->entity_ids[count];
    if (str_present(settings->idp_entity_id))
        wanted[count++] = settings->idp_entity_id;
    if (str_present(settings->sp_entity_id))
        wanted[count++] = settings->sp_entity_id;
    return count;
}

static bool
holds_wanted(const struct metadata *metadata, size_t seen, const char *path, char **why)
{
    if (metadata->entity_count > 0)
        return true;
    *why =
        xprintf("%s: none of the %zu entities in it is one that --entity-id, --idp-entity-id or --sp-entity-id names",
                path, seen);
    return false;
}

/* --- reading ------------------------------------------------------------------------------------------------- */

static bool
read_whole(const struct settings *settings, const char *path, struct metadata *metadata, char **why)
{
    struct str reason = { 0 }, bytes;
    struct buf file;
    size_t seen;
    bool done = false;

    if (!file_read_input(path, FILE_MAX_BYTES, &file, why))
        goto out;
    bytes = arena_copy(settings->arena, buf_str(&file));
    if (!str_present(bytes)) {
        *why = xprintf("%s: out of memory", path);
        goto out;
    }
    if (!metadata_read_signed(settings->arena, bytes, arena_copy_c(settings->arena, path), settings->metadata_signers,
                              metadata, &reason)) {
        *why = problem_text(path, reason);
        goto out;
    }
    seen = metadata->entity_count;
    keep_named(settings, metadata);
    done = holds_wanted(metadata, seen, path, why);
out:
    buf_release(&file);
    return done;
}

static bool
feed_all(struct metadata_stream *stream, struct byte_source *source, char **why)
{
    char piece[PIECE_BYTES];
    ssize_t got;

    while ((got = byte_source_read(source, piece, sizeof(piece), why)) > 0)
        if (!metadata_stream_feed(stream, piece, (size_t)got))
            break; /* the end says why */
    return got >= 0;
}

static bool
read_in_pieces(const struct settings *settings, const char *path, struct metadata *metadata, char **why)
{
    struct str wanted[MAX_WANTED], reason = { 0 };
    size_t count = wanted_of(settings, wanted), seen = 0;
    struct metadata_stream *stream = metadata_stream_new(settings->arena, str_from(path), wanted, count);
    struct byte_source source;
    bool done = false;

    if (stream == NULL) {
        *why = xprintf("%s: out of memory", path);
        return false;
    }
    if (byte_source_open(&source, path, why)) {
        if (feed_all(stream, &source, why)) {
            done = metadata_stream_end(stream, metadata, &seen, &reason);
            if (!done)
                *why = problem_text(path, reason);
        }
        byte_source_close(&source);
    }
    metadata_stream_free(stream);
    return done && holds_wanted(metadata, seen, path, why);
}

bool
metadata_file_read(const struct settings *settings, const char *path, struct metadata *metadata, char **why)
{
    struct stat status;

    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > METADATA_FILE_WHOLE_BYTES)
        return read_in_pieces(settings, path, metadata, why);
    return read_whole(settings, path, metadata, why);
}

/* SPDX-License-Identifier: MIT */
#include "metadata_stream.h"

#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "metadata.h"

enum {
    MAX_GROUPS = 16,     /* EntitiesDescriptor inside each other */
    MAX_TAG = 64 * 1024, /* bytes of one tag, comment or declaration outside an entity */
    MAX_LINE_TEXT = 200,
};

/* A piece of markup; text between pieces is passed over, or copied when it is inside an entity. */
enum token {
    TOKEN_MORE, /* the bytes end inside it */
    TOKEN_START,
    TOKEN_EMPTY, /* start tag that is its own end */
    TOKEN_END,
    TOKEN_OTHER,       /* comment, CDATA section, processing instruction */
    TOKEN_DECLARATION, /* <!DOCTYPE and the like */
};

struct metadata_stream {
    struct arena *arena;
    struct str source;
    const struct str *wanted;
    size_t wanted_count;
    struct metadata metadata;
    size_t capacity;
    struct buf pending; /* bytes that are not understood yet */
    struct buf entity;  /* of the EntityDescriptor that is open */
    struct buf document;
    struct str declaration;        /* <?xml …?>, when it names an encoding */
    struct str groups[MAX_GROUPS]; /* start tags of the groups that are open */
    size_t group_count;
    size_t enough; /* a piece is not all there: looked at again when so much is pending */
    size_t nested; /* EntityDescriptor elements that are open; 0: outside */
    bool skipping; /* the open one is not wanted */
    bool started, rooted;
    size_t seen;
    size_t line;
    bool failed;
    struct str why;
};

struct metadata_stream *
metadata_stream_new(struct arena *arena, struct str source, const struct str *wanted, size_t wanted_count)
{
    struct metadata_stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL)
        return NULL;
    stream->arena = arena;
    stream->source = arena_copy(arena, source);
    stream->wanted = wanted;
    stream->wanted_count = wanted_count;
    stream->line = 1;
    buf_init(&stream->pending, 2 * METADATA_STREAM_MAX_ENTITY);
    buf_init(&stream->entity, METADATA_STREAM_MAX_ENTITY);
    buf_init(&stream->document, 2 * METADATA_STREAM_MAX_ENTITY);
    return stream;
}

void
metadata_stream_free(struct metadata_stream *stream)
{
    if (stream == NULL)
        return;
    buf_release(&stream->pending);
    buf_release(&stream->entity);
    buf_release(&stream->document);
    free(stream);
}

static bool
fail(struct metadata_stream *stream, struct str why)
{
    if (!stream->failed)
        stream->why = why;
    stream->failed = true;
    return false;
}

static bool
fail_here(struct metadata_stream *stream, const char *what)
{
    return fail(stream, arena_printf(stream->arena, "line %zu, column 1: %s", stream->line, what));
}

/* --- markup ------------------------------------------------------------------------------------------------ */

/* Length of a piece that ends with that text; 0: it is not all there. */
static size_t
length_until(struct str text, size_t from, const char *end)
{
    size_t at = str_find_c(str_from_offset(text, from), end);

    return at == SIZE_MAX ? 0 : from + at + strlen(end);
}

/* Length of a tag: ">" inside quotes does not end it. 0: it is not all there. */
static size_t
tag_length(struct str text)
{
    char quote = '\0';

    for (size_t i = 1; i < text.len; i++) {
        char c = text.ptr[i];

        if (quote != '\0')
            quote = c == quote ? '\0' : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return i + 1;
    }
    return 0;
}

/* What stands at the head of text, which begins with "<". */
static enum token
read_token(struct str text, size_t *length)
{
    if (text.len < 4) {
        *length = tag_length(text);
        if (*length == 0)
            return TOKEN_MORE;
    }
    if (str_starts_c(text, "<!--"))
        *length = length_until(text, 4, "-->");
    else if (str_starts_c(text, "<?"))
        *length = length_until(text, 2, "?>");
    else if (str_starts_c(text, "<![CDATA["))
        *length = length_until(text, 9, "]]>");
    else if (str_starts_c(text, "<!") && text.len < 9)
        return TOKEN_MORE;
    else if (str_starts_c(text, "<!"))
        return TOKEN_DECLARATION;
    else
        *length = tag_length(text);
    if (*length == 0)
        return TOKEN_MORE;
    if (text.ptr[1] == '!' || text.ptr[1] == '?')
        return TOKEN_OTHER;
    if (text.ptr[1] == '/')
        return TOKEN_END;
    return text.ptr[*length - 2] == '/' ? TOKEN_EMPTY : TOKEN_START;
}

/* Name of a tag without its prefix. */
static struct str
local_name(struct str tag)
{
    size_t start = tag.len > 1 && tag.ptr[1] == '/' ? 2 : 1, end = start;

    for (; end < tag.len && strchr(" \t\r\n/>", tag.ptr[end]) == NULL; end++)
        if (tag.ptr[end] == ':')
            start = end + 1;
    return str_slice(tag, start, end - start);
}

/* The prefix and its colon, to close what was opened. */
static struct str
full_name(struct str tag)
{
    size_t end = 1;

    while (end < tag.len && strchr(" \t\r\n/>", tag.ptr[end]) == NULL)
        end++;
    return str_slice(tag, 1, end - 1);
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Raw value of entityID in a start tag, between its quotes; absent when it is written in a way that needs a parser. */
static struct str
raw_entity_id(struct str tag)
{
    static const char name[] = "entityID";
    size_t at = 0;

    while (at < tag.len) {
        size_t found = str_find_c(str_from_offset(tag, at), name);
        size_t start, end;

        if (found == SIZE_MAX)
            break;
        at += found;
        start = at + sizeof(name) - 1;
        if (at > 0 && is_space(tag.ptr[at - 1]) && start + 1 < tag.len && tag.ptr[start] == '=' &&
            (tag.ptr[start + 1] == '"' || tag.ptr[start + 1] == '\'')) {
            end = str_find_byte(str_from_offset(tag, start + 2), tag.ptr[start + 1]);
            if (end != SIZE_MAX && str_find_byte(str_slice(tag, start + 2, end), '&') == SIZE_MAX)
                return str_slice(tag, start + 2, end);
        }
        at = start;
    }
    return (struct str){ 0 };
}

/* --- entities ---------------------------------------------------------------------------------------------- */

static bool
is_wanted(const struct metadata_stream *stream, struct str id)
{
    if (stream->wanted_count == 0)
        return true;
    for (size_t i = 0; i < stream->wanted_count; i++)
        if (str_eq(stream->wanted[i], id))
            return true;
    return false;
}

static bool
keep(struct metadata_stream *stream, const struct metadata *found)
{
    struct metadata *metadata = &stream->metadata;

    for (size_t i = 0; i < found->entity_count; i++) {
        if (!is_wanted(stream, found->entities[i].entity_id))
            continue;
        if (metadata->entity_count >= METADATA_STREAM_MAX_KEPT)
            return fail(stream, arena_printf(stream->arena,
                                             "holds more than %d entities; name those that are meant with --entity-id "
                                             "(--idp-entity-id and --sp-entity-id count, too)",
                                             (int)METADATA_STREAM_MAX_KEPT));
        if (!arena_grow(stream->arena, (void **)&metadata->entities, metadata->entity_count, &stream->capacity,
                        sizeof(*metadata->entities)))
            return fail(stream, STR("not enough memory"));
        metadata->entities[metadata->entity_count++] = found->entities[i];
    }
    return true;
}

/* The entity as a document of its own: inside the groups that are open around it. */
static bool
read_entity(struct metadata_stream *stream)
{
    struct buf *document = &stream->document;
    struct metadata found;
    struct str why;

    buf_reset(document);
    buf_add_str(document, stream->declaration);
    for (size_t i = 0; i < stream->group_count; i++)
        buf_add_str(document, stream->groups[i]);
    buf_add_str(document, buf_str(&stream->entity));
    for (size_t i = stream->group_count; i > 0; i--)
        buf_printf(document, "</%.*s>", STR_ARG(full_name(stream->groups[i - 1])));
    if (buf_failed(document) || buf_failed(&stream->entity))
        return fail_here(stream, "an entity is over 4 MiB");
    if (!metadata_read(stream->arena, buf_str(document), stream->source, &found, &why))
        return fail(stream, arena_printf(stream->arena, "the entity that ends in line %zu: %.*s", stream->line,
                                         STR_ARG(str_slice(why, 0, MAX_LINE_TEXT))));
    return keep(stream, &found);
}

static bool
open_entity(struct metadata_stream *stream, struct str tag, enum token token)
{
    struct str id = raw_entity_id(tag);

    stream->rooted = true;
    stream->seen++;
    stream->skipping = str_present(id) && !is_wanted(stream, id);
    buf_reset(&stream->entity);
    if (!stream->skipping)
        buf_add_str(&stream->entity, tag);
    if (token == TOKEN_EMPTY)
        return stream->skipping || read_entity(stream);
    stream->nested = 1;
    return true;
}

static bool
open_group(struct metadata_stream *stream, struct str tag, enum token token)
{
    stream->rooted = true;
    stream->metadata.aggregate = true;
    if (token == TOKEN_EMPTY)
        return true;
    if (stream->group_count == MAX_GROUPS || tag.len > MAX_TAG)
        return fail_here(stream, "groups are nested too deep, or one has too many attributes");
    stream->groups[stream->group_count++] = arena_copy(stream->arena, tag);
    return !arena_failed(stream->arena) || fail(stream, STR("not enough memory"));
}

static bool
outside(struct metadata_stream *stream, struct str piece, enum token token)
{
    struct str name = local_name(piece);

    if (token == TOKEN_OTHER) {
        if (!stream->rooted && str_starts_c(piece, "<?xml ") && piece.len < MAX_LINE_TEXT)
            stream->declaration = arena_copy(stream->arena, piece);
        return true;
    }
    if (token == TOKEN_END) {
        if (str_eq_c(name, "EntitiesDescriptor") && stream->group_count > 0)
            stream->group_count--;
        return true;
    }
    if (str_eq_c(name, "EntityDescriptor"))
        return open_entity(stream, piece, token);
    if (str_eq_c(name, "EntitiesDescriptor"))
        return open_group(stream, piece, token);
    if (str_eq_c(name, "Signature") && stream->group_count == 1) {
        stream->metadata.signature = METADATA_SIGNATURE_UNCHECKED;
        stream->metadata.signature_why = STR("the metadata is signed as a whole, and too big to verify that");
    }
    if (!stream->rooted)
        return fail(stream, arena_printf(stream->arena,
                                         "the document element is %.*s, not EntityDescriptor or EntitiesDescriptor",
                                         STR_ARG(str_slice(name, 0, 60))));
    return true;
}

static bool
inside(struct metadata_stream *stream, struct str piece, enum token token)
{
    bool same = (token == TOKEN_START || token == TOKEN_END) && str_eq_c(local_name(piece), "EntityDescriptor");

    if (!stream->skipping)
        buf_add_str(&stream->entity, piece);
    if (same)
        stream->nested += token == TOKEN_START ? 1 : (size_t)-1;
    if (stream->nested > 0)
        return !buf_failed(&stream->entity) || fail_here(stream, "an entity is over 4 MiB");
    return stream->skipping || read_entity(stream);
}

/* --- bytes --------------------------------------------------------------------------------------------------- */

static void
count_lines(struct metadata_stream *stream, struct str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        stream->line++;
        at++;
    }
}

/* Takes one piece of text or markup off the head of rest. Returns false when there is none that is complete. */
static bool
take_piece(struct metadata_stream *stream, struct str *rest)
{
    size_t length = str_find_byte(*rest, '<');
    enum token token = TOKEN_OTHER;
    struct str piece;

    if (length == 0) {
        token = read_token(*rest, &length);
        if (token == TOKEN_DECLARATION)
            return fail_here(stream, "there is a document type declaration; metadata has none");
        if (token == TOKEN_MORE) {
            /* Half as much again, so that small pieces do not make it quadratic. */
            stream->enough = rest->len + rest->len / 2 + 1;
            if (rest->len > METADATA_STREAM_MAX_ENTITY)
                fail_here(stream, "a tag or comment is over 4 MiB");
            return false;
        }
    } else if (length == SIZE_MAX) {
        length = rest->len;
    }
    piece = str_slice(*rest, 0, length);
    count_lines(stream, piece);
    *rest = str_from_offset(*rest, length);
    if (stream->nested > 0)
        return inside(stream, piece, token);
    return piece.ptr[0] != '<' || outside(stream, piece, token);
}

static void
note_beginning(struct metadata_stream *stream)
{
    const unsigned char *bytes = (const unsigned char *)stream->pending.bytes;

    stream->started = true;
    if (stream->pending.len >= 2 && (bytes[0] == 0xff || bytes[0] == 0xfe || bytes[0] == 0 || bytes[1] == 0))
        fail(stream, STR("is in UTF-16 or UTF-32; save it as UTF-8"));
    else if (str_starts_c(buf_str(&stream->pending), "\xef\xbb\xbf")) {
        stream->metadata.has_bom = true;
        buf_consume(&stream->pending, 3);
    }
}

static void
take_pieces(struct metadata_stream *stream)
{
    struct str rest = buf_str(&stream->pending);

    stream->enough = 0;
    while (!stream->failed && rest.len > 0 && take_piece(stream, &rest))
        ;
    buf_consume(&stream->pending, stream->pending.len - rest.len);
}

bool
metadata_stream_feed(struct metadata_stream *stream, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        stream->metadata.characters += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    if (stream->failed)
        return false;
    buf_add(&stream->pending, bytes, len);
    if (buf_failed(&stream->pending))
        return fail(stream, STR("not enough memory"));
    if (!stream->started && stream->pending.len >= 4)
        note_beginning(stream);
    if (!stream->started)
        return true;
    if (stream->pending.len >= stream->enough)
        take_pieces(stream);
    return !stream->failed;
}

bool
metadata_stream_end(struct metadata_stream *stream, struct metadata *metadata, size_t *seen, struct str *why)
{
    if (stream->started && !stream->failed)
        take_pieces(stream);
    if (seen != NULL)
        *seen = stream->seen;
    if (!stream->failed && (stream->nested > 0 || stream->group_count > 0 || stream->pending.len > 0))
        fail_here(stream, "the file ends in the middle");
    if (!stream->failed && stream->seen == 0)
        fail(stream, STR("holds no EntityDescriptor"));
    if (!stream->failed && arena_failed(stream->arena))
        fail(stream, STR("not enough memory"));
    *why = stream->why;
    if (stream->failed)
        return false;
    stream->metadata.source = stream->source;
    *metadata = stream->metadata;
    return true;
}

/* SPDX-License-Identifier: MIT */
#include "base64.h"
#include "find_parts.h"

enum { TYPE_BYTES = 2, INDEX_BYTES = 2, SOURCE_BYTES = 20, HANDLE_BYTES = 20 };

static unsigned
number_at(struct str bytes, size_t at)
{
    return (unsigned)(unsigned char)bytes.ptr[at] << 8 | (unsigned char)bytes.ptr[at + 1];
}

/*
 * Bind 3.6.4: type 4 is type, endpoint index, SHA-1 of the issuer's entity id, handle. Type 1 of SAML 1.1
 * (Bindings 4.1.1.8) has no index; type 2 is a handle and the URL of the source.
 */
bool
find_artifact(struct arena *arena, struct str value, struct message *message)
{
    struct artifact *artifact = &message->artifact;
    size_t at = TYPE_BYTES, wanted;
    struct base64_notes notes;
    struct str bytes;
    unsigned type;

    if (!base64_decode(arena, value, &bytes, &notes) || bytes.len < TYPE_BYTES + HANDLE_BYTES || bytes.ptr[0] != '\0')
        return false;
    type = number_at(bytes, 0);
    if (type != 1 && type != 2 && type != 4)
        return false;
    *artifact = (struct artifact){ .present = true, .type = type };
    message->binding = BINDING_ARTIFACT;
    find_add_step(message, STEP_BASE64, bytes.len);
    if (base64_has(&notes, BASE64_PLUS_AS_SPACE))
        find_add_anomaly(arena, message, ANOMALY_PLUS_AS_SPACE, notes.at[BASE64_PLUS_AS_SPACE], (struct str){ 0 });
    if (type == 2) {
        artifact->handle = str_slice(bytes, at, HANDLE_BYTES);
        artifact->source = str_from_offset(bytes, at + HANDLE_BYTES);
        return true;
    }
    wanted = TYPE_BYTES + SOURCE_BYTES + HANDLE_BYTES + (type == 4 ? INDEX_BYTES : 0);
    if (bytes.len != wanted) {
        find_add_anomaly(
            arena, message, bytes.len < wanted ? ANOMALY_TRUNCATED : ANOMALY_BASE64_TRAILING, SIZE_MAX,
            arena_printf(arena, "an artifact of type %u has %zu bytes; this one has %zu", type, wanted, bytes.len));
    }
    if (type == 4) {
        artifact->endpoint_index = number_at(bytes, at);
        at += INDEX_BYTES;
    }
    artifact->source = str_slice(bytes, at, SOURCE_BYTES);
    artifact->handle = str_slice(bytes, at + SOURCE_BYTES, HANDLE_BYTES);
    return true;
}

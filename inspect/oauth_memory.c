/* SPDX-License-Identifier: MIT */
#include "oauth_memory.h"

#include <stdlib.h>

#include "memory_watch.h"
#include "oauth_types.h"

enum { ENTRY_BYTES = 32 * 1024 };

/* One request; its texts live in its own arena. */
struct entry {
    struct arena *arena; /* NULL: unused */
    struct oauth_message request;
    struct str code; /* that the answer gave; absent: none seen */
};

struct oauth_memory {
    struct entry entries[OAUTH_MEMORY_SIZE];
    size_t next; /* the one that goes first */
};

struct oauth_memory *
oauth_memory_new(void)
{
    struct oauth_memory *memory = calloc(1, sizeof(*memory));

    if (memory == NULL)
        memory_refused();
    return memory;
}

void
oauth_memory_free(struct oauth_memory *memory)
{
    if (memory == NULL)
        return;
    for (size_t i = 0; i < OAUTH_MEMORY_SIZE; i++)
        arena_free(memory->entries[i].arena);
    free(memory);
}

/* The parameters of a request that answers are held against. Returns false when the arena refuses. */
static bool
copy_request(struct arena *arena, const struct oauth_message *from, struct oauth_message *to)
{
    *to = (struct oauth_message){ .kind = from->kind };
    to->response_type = arena_copy(arena, from->response_type);
    to->response_mode = arena_copy(arena, from->response_mode);
    to->client_id = arena_copy(arena, from->client_id);
    to->redirect_uri = arena_copy(arena, from->redirect_uri);
    to->scope = arena_copy(arena, from->scope);
    to->state = arena_copy(arena, from->state);
    to->nonce = arena_copy(arena, from->nonce);
    to->prompt = arena_copy(arena, from->prompt);
    to->code_challenge = arena_copy(arena, from->code_challenge);
    to->code_challenge_method = arena_copy(arena, from->code_challenge_method);
    to->host = arena_copy(arena, from->host);
    return !arena_failed(arena);
}

static struct entry *
by_state(struct oauth_memory *memory, struct str state)
{
    for (size_t i = 0; state.len > 0 && i < OAUTH_MEMORY_SIZE; i++)
        if (memory->entries[i].arena != NULL && str_eq(memory->entries[i].request.state, state))
            return &memory->entries[i];
    return NULL;
}

static struct entry *
by_code(struct oauth_memory *memory, struct str code)
{
    for (size_t i = 0; code.len > 0 && i < OAUTH_MEMORY_SIZE; i++)
        if (memory->entries[i].arena != NULL && str_eq(memory->entries[i].code, code))
            return &memory->entries[i];
    return NULL;
}

/* The newest request whose answer was to be sent to that URL. */
static struct entry *
by_redirect_uri(struct oauth_memory *memory, struct str url)
{
    for (size_t i = 1; url.len > 0 && i <= OAUTH_MEMORY_SIZE; i++) {
        struct entry *entry = &memory->entries[(memory->next + OAUTH_MEMORY_SIZE - i) % OAUTH_MEMORY_SIZE];

        if (entry->arena != NULL && str_eq(entry->request.redirect_uri, url))
            return entry;
    }
    return NULL;
}

/* A request is seen twice: as Location of the client and as request to the provider. */
static void
remember(struct oauth_memory *memory, const struct oauth_message *request)
{
    struct entry *entry = by_state(memory, request->state);
    bool again = entry != NULL;

    if (!again)
        entry = &memory->entries[memory->next];
    arena_free(entry->arena);
    *entry = (struct entry){ .arena = arena_new(ENTRY_BYTES) };
    if (entry->arena != NULL && !copy_request(entry->arena, request, &entry->request)) {
        arena_free(entry->arena);
        entry->arena = NULL;
    }
    if (!again)
        memory->next = (memory->next + 1) % OAUTH_MEMORY_SIZE;
}

/* Gives oauth a copy of the entry's request that lives as long as it does. */
static void
attach(struct arena *arena, const struct entry *entry, struct oauth_message *oauth)
{
    struct oauth_message *copy = entry != NULL ? arena_alloc(arena, sizeof(*copy)) : NULL;

    if (copy != NULL && copy_request(arena, &entry->request, copy))
        oauth->authorization = copy;
}

static void
join_response(struct oauth_memory *memory, struct arena *arena, const struct message *message)
{
    struct oauth_message *oauth = message->oauth;
    struct entry *entry = by_state(memory, oauth->state);

    oauth->state_known = entry != NULL;
    if (entry == NULL) {
        entry = by_redirect_uri(memory, message->url);
        oauth->state_foreign = entry != NULL && entry->request.state.len > 0;
    }
    if (entry != NULL && oauth->code.len > 0)
        entry->code = arena_copy(entry->arena, oauth->code);
    if (oauth->authorization == NULL)
        attach(arena, entry, oauth);
}

void
oauth_memory_join(struct oauth_memory *memory, struct arena *arena, struct messages *messages)
{
    for (size_t i = 0; memory != NULL && i < messages->count; i++) {
        struct oauth_message *oauth = messages->items[i].oauth;

        if (oauth == NULL)
            continue;
        if (oauth->kind == OAUTH_AUTHORIZATION_REQUEST)
            remember(memory, oauth);
        else if (oauth->kind == OAUTH_AUTHORIZATION_RESPONSE)
            join_response(memory, arena, &messages->items[i]);
        else if (oauth->kind == OAUTH_TOKEN_REQUEST)
            attach(arena, by_code(memory, oauth->code), oauth);
        else if (oauth->token_request != NULL)
            oauth->authorization = oauth->token_request->authorization;
    }
}

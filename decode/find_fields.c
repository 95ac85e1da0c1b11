/* SPDX-License-Identifier: MIT */
#include "find_parts.h"

#include "buf.h"
#include "dsig_query.h"
#include "htmlform.h"
#include "json_field.h"
#include "multipart.h"
#include "urlform.h"

enum { MIN_UNNAMED = 64 /* shorter values under foreign names are not looked into */ };

/* The name without "_", "-", "." and blanks, compared without case. */
static bool
is_like(struct str name, const char *wanted)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (c == '_' || c == '-' || c == '.' || c == ' ')
            continue;
        if (*wanted == '\0' || !str_eq_nocase((struct str){ &c, 1 }, (struct str){ wanted, 1 }))
            return false;
        wanted++;
    }
    return *wanted == '\0';
}

enum find_name
find_name(const struct saml_options *options, struct str name, bool *exact)
{
    static const struct {
        const char *name;
        enum find_name kind;
    } table[] = {
        { "SAMLRequest", NAME_SAML },
        { "SAMLResponse", NAME_SAML },
        { "SAMLart", NAME_ARTIFACT },
        { "wresult", NAME_WRESULT },
    };

    *exact = true;
    for (size_t i = 0; options != NULL && i < options->param_name_count; i++)
        if (str_eq(name, options->param_names[i]))
            return NAME_SAML;
    *exact = false;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        *exact = str_eq_c(name, table[i].name);
        if (*exact || is_like(name, table[i].name))
            return table[i].kind;
    }
    return NAME_OTHER;
}

/* A value under a name that says nothing: may it be a SAML message all the same? Judged by its first bytes. */
static bool
may_be_message(struct str name, struct str value)
{
    static const char *const starts[] = { "PHNhbW", "PD94bWw", "PFJlc3Bvb", "PEFzc2Vy", "PEF1dGhu", "PExvZ291", "PG5z",
                                          "<saml",  "<?xml",   "<Respons",  "<Asserti", "77u/P",    "&lt;saml" };

    if (value.len < MIN_UNNAMED || find_is_binding_parameter(name))
        return false;
    for (size_t i = 0; i < COUNT_OF(starts); i++)
        if (str_starts_c(value, starts[i]))
            return true;
    return false;
}

static const struct find_field *
get_field(const struct find_fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->count; i++)
        if (str_eq_c(fields->items[i].name, name))
            return &fields->items[i];
    return NULL;
}

/* How many fields carry a message: more than one lets receivers differ in which they read. */
static size_t
count_messages(const struct saml_options *options, const struct find_fields *fields)
{
    size_t count = 0;
    bool exact;

    for (size_t i = 0; i < fields->count; i++)
        count += find_name(options, fields->items[i].name, &exact) != NAME_OTHER;
    return count;
}

struct message *
find_append(struct arena *arena, struct messages *out, const struct message *like)
{
    struct message *message;

    if (out->count == FIND_MAX_MESSAGES ||
        !arena_grow(arena, (void **)&out->items, out->count, &out->capacity, sizeof(*out->items)))
        return NULL;
    message = &out->items[out->count++];
    *message = *like;
    return message;
}

/* The parameters that are signed, in the order received: some signers follow that. */
static struct str
received_order(struct arena *arena, const struct find_fields *fields, struct str parameter)
{
    struct buf text;
    struct str copy;

    buf_init(&text, 256 * 1024);
    for (size_t i = 0; i < fields->count; i++) {
        struct str name = fields->items[i].name;

        if (!str_eq(name, parameter) && !str_eq_c(name, "RelayState") && !str_eq_c(name, "SigAlg"))
            continue;
        if (text.len > 0)
            buf_add_byte(&text, '&');
        buf_add_str(&text, name);
        buf_add_byte(&text, '=');
        buf_add_str(&text, fields->items[i].original);
    }
    copy = buf_failed(&text) ? (struct str){ 0 } : arena_copy(arena, buf_str(&text));
    buf_release(&text);
    return copy;
}

static void
fill_signature(struct arena *arena, const struct find_fields *fields, const struct find_field *field,
               struct message *message)
{
    const struct find_field *relay_state = get_field(fields, "RelayState"), *algorithm = get_field(fields, "SigAlg");
    const struct find_field *signature = get_field(fields, "Signature");
    struct query_signature *to = &message->query_signature;

    to->present = signature != NULL || algorithm != NULL;
    if (to->present && message->binding == BINDING_HTTP_POST)
        message->binding = BINDING_SIMPLE_SIGN;
    if (to->present && fields->raw)
        to->raw_received = received_order(arena, fields, field->name);
    if (fields->raw) {
        to->raw_message = field->original;
        if (relay_state != NULL)
            to->raw_relay_state = relay_state->original;
        if (algorithm != NULL)
            to->raw_algorithm = algorithm->original;
    }
    if (algorithm != NULL)
        to->algorithm = algorithm->value;
    if (signature != NULL)
        to->signature = signature->value;
}

static void
fill_relay_state(const struct find_fields *fields, struct message *message)
{
    static const char *const names[] = { "RelayState", "TARGET", "wctx" };

    for (size_t i = 0; i < COUNT_OF(names) && !str_present(message->relay_state); i++) {
        const struct find_field *field = get_field(fields, names[i]);

        if (field != NULL)
            message->relay_state = str_present(field->value) ? field->value : STR("");
    }
}

static void
fill_encoding(const struct find_fields *fields, struct message *message)
{
    const struct find_field *encoding = get_field(fields, "SAMLEncoding");

    if (encoding != NULL)
        message->saml_encoding = str_present(encoding->value) ? encoding->value : STR("");
}

static bool
read_field(struct arena *arena, const struct find_fields *fields, const struct find_field *field,
           const struct message *like, enum decode_step step, const struct saml_options *options, struct messages *out)
{
    bool exact;
    enum find_name kind = find_name(options, field->name, &exact);
    struct message *message;

    if (kind == NAME_OTHER && !may_be_message(field->name, field->value))
        return true;
    message = find_append(arena, out, like);
    if (message == NULL)
        return !arena_failed(arena);
    message->parameter = field->name;
    message->original = str_present(field->original) ? field->original : STR("");
    find_add_step(message, step, field->value.len);
    fill_relay_state(fields, message);
    fill_encoding(fields, message);
    fill_signature(arena, fields, field, message);
    if (field->bad_at != SIZE_MAX)
        find_add_anomaly(arena, message, ANOMALY_BAD_PERCENT, field->bad_at, (struct str){ 0 });
    if (!exact && step != STEP_JSON) /* no specification names JSON members */
        find_add_anomaly(arena, message, ANOMALY_WRONG_FIELD_NAME, SIZE_MAX, field->name);
    if (kind != NAME_OTHER && count_messages(options, fields) > 1)
        find_add_anomaly(arena, message, ANOMALY_DUPLICATE_PARAMETER, SIZE_MAX, field->name);
    if (kind == NAME_ARTIFACT && find_artifact(arena, field->value, message))
        return !arena_failed(arena);
    find_decode(arena, str_present(field->value) ? field->value : STR(""), options, message);
    dsig_query_verify(arena, options, message);
    /* A name that says nothing needs content that says something. */
    if (kind == NAME_OTHER && (message->saml == NULL || message->saml->kind == MESSAGE_UNKNOWN))
        out->count--;
    return !arena_failed(arena);
}

/* A request of WS-Federation is all of its parameters; an answer whose result is only named by a URL likewise. */
static bool
read_wsfed(struct arena *arena, const struct find_fields *fields, const struct message *like, enum decode_step step,
           struct messages *out)
{
    const struct find_field *action = get_field(fields, "wa");
    struct message *message = find_append(arena, out, like);

    if (message == NULL)
        return !arena_failed(arena);
    message->parameter = action->name;
    message->original = str_present(action->original) ? action->original : STR("");
    find_add_step(message, step, action->value.len);
    fill_relay_state(fields, message);
    if (action->bad_at != SIZE_MAX)
        find_add_anomaly(arena, message, ANOMALY_BAD_PERCENT, action->bad_at, (struct str){ 0 });
    return !arena_failed(arena);
}

bool
find_in_fields(struct arena *arena, const struct find_fields *fields, const struct message *like, enum decode_step step,
               const struct saml_options *options, struct messages *out)
{
    struct message with_wsfed = *like;
    size_t first = out->count;

    if (!find_wsfed_read(arena, fields, &with_wsfed.wsfed))
        return false;
    for (size_t i = 0; i < fields->count; i++)
        if (!read_field(arena, fields, &fields->items[i], &with_wsfed, step, options, out))
            return false;
    if (with_wsfed.wsfed == NULL || out->count > first || get_field(fields, "wa") == NULL)
        return true;
    return read_wsfed(arena, fields, &with_wsfed, step, out);
}

static bool
add_field(struct arena *arena, struct find_fields *fields, struct find_field field)
{
    if (!arena_grow(arena, (void **)&fields->items, fields->count, &fields->capacity, sizeof(*fields->items)))
        return false;
    fields->items[fields->count++] = field;
    return true;
}

bool
find_in_query(struct arena *arena, struct str query, const struct message *like, enum decode_step step,
              const struct saml_options *options, struct messages *out)
{
    struct find_fields fields = { .raw = true };
    struct urlform form;

    if (!urlform_read(arena, query, &form))
        return false;
    for (size_t i = 0; i < form.count; i++) {
        const struct urlform_field *item = &form.items[i];

        if (!add_field(arena, &fields, (struct find_field){ item->name, item->value, item->raw_value, item->bad_at }))
            return false;
    }
    return find_in_fields(arena, &fields, like, step, options, out);
}

bool
find_in_multipart(struct arena *arena, struct str body, struct str content_type, const struct message *like,
                  const struct saml_options *options, struct messages *out)
{
    struct find_fields fields = { 0 };
    struct multipart form;

    if (!multipart_read(arena, body, content_type, &form))
        return false;
    for (size_t i = 0; i < form.count; i++) {
        const struct multipart_field *item = &form.items[i];

        if (!add_field(arena, &fields, (struct find_field){ item->name, item->value, item->value, SIZE_MAX }))
            return false;
    }
    return find_in_fields(arena, &fields, like, STEP_MULTIPART, options, out);
}

bool
find_in_json(struct arena *arena, struct str text, const struct message *like, const struct saml_options *options,
             struct messages *out)
{
    struct find_fields fields = { 0 };
    struct json_fields json;

    if (!json_fields_read(arena, text, &json))
        return false;
    for (size_t i = 0; i < json.count; i++) {
        const struct json_field *item = &json.items[i];

        if (!add_field(arena, &fields, (struct find_field){ item->name, item->value, item->value, SIZE_MAX }))
            return false;
    }
    return find_in_fields(arena, &fields, like, STEP_JSON, options, out);
}

/* One form: its fields, and where it will be sent. */
static bool
read_html_form(struct arena *arena, const struct html_form *form, const struct exchange *exchange,
               const struct saml_options *options, struct messages *out)
{
    struct message like = { .binding = BINDING_FORM_PAGE, .in_response = true, .form_method = form->method };
    struct find_fields fields = { 0 };

    like.form_action = find_resolve(arena, exchange, str_present(form->action) ? form->action : STR(""));
    like.url = find_endpoint(arena, like.form_action);
    if (like.url.len == 0)
        like.url = like.form_action = (struct str){ 0 };
    for (size_t i = 0; i < form->field_count; i++) {
        const struct html_field *item = &form->fields[i];

        if (!add_field(arena, &fields, (struct find_field){ item->name, item->value, item->raw, SIZE_MAX }))
            return false;
    }
    return find_in_fields(arena, &fields, &like, STEP_HTML, options, out);
}

bool
find_in_html(struct arena *arena, struct str page, const struct exchange *exchange, const struct saml_options *options,
             struct messages *out)
{
    struct html_page forms;

    if (!html_forms_read(arena, page, &forms))
        return false;
    for (size_t i = 0; i < forms.form_count; i++)
        if (!read_html_form(arena, &forms.forms[i], exchange, options, out))
            return false;
    return true;
}

/* A fault names nobody: it counts as the answer to a message that was sent by SOAP. */
static bool
answers_soap(struct str text, const struct messages *out)
{
    const struct message *last = out->count > 0 ? &out->items[out->count - 1] : NULL;

    return last != NULL && (last->binding == BINDING_SOAP || last->binding == BINDING_PAOS) && !last->in_response &&
           str_find_c(text, "Envelope") != SIZE_MAX && str_find_c(text, "Fault") != SIZE_MAX;
}

bool
find_in_xml(struct arena *arena, struct str text, const struct message *like, const struct saml_options *options,
            struct messages *out)
{
    struct message *message;

    /* All versions, protocol, assertion and metadata share this beginning. */
    if (!find_charset(text).wide && str_find_c(text, "urn:oasis:names:tc:SAML:") == SIZE_MAX &&
        !answers_soap(text, out))
        return true;
    message = find_append(arena, out, like);
    if (message != NULL)
        find_decode(arena, text, options, message);
    return !arena_failed(arena);
}

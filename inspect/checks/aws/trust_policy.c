/* SPDX-License-Identifier: MIT */
#include "trust_policy.h"

enum { MAX_VALUES = 64 };

/* The values that an assertion gives to one condition key. */
struct key_values {
    bool known; /* false: the assertion does not tell (a source address, for example) */
    struct str items[MAX_VALUES];
    size_t count;
};

enum truth { TRUTH_NO, TRUTH_UNKNOWN, TRUTH_YES };

static char
folded(char c, bool ignore_case)
{
    return ignore_case && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool
trust_pattern_matches(struct str pattern, struct str text, bool ignore_case)
{
    size_t p = 0, t = 0, star = SIZE_MAX, star_text = 0;

    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            star_text = t;
        } else if (p < pattern.len &&
                   (pattern.ptr[p] == '?' || folded(pattern.ptr[p], ignore_case) == folded(text.ptr[t], ignore_case))) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* --- what the assertion says to a key ------------------------------------------------------------------ */

static void
add_value(struct key_values *values, struct str text)
{
    text = str_trim(text);
    if (values->count < MAX_VALUES && str_present(text) && text.len > 0)
        values->items[values->count++] = text;
}

static void
add_attribute(struct key_values *values, const struct saml_attribute *attribute)
{
    for (size_t i = 0; attribute != NULL && i < attribute->value_count; i++)
        add_value(values, attribute->values[i].value.text);
}

/* saml:sub_type is persistent, transient or the whole format. */
static struct str
sub_type(struct str format)
{
    if (str_eq_c(format, AWS_FORMAT_PERSISTENT))
        return STR("persistent");
    return str_eq_c(format, AWS_FORMAT_TRANSIENT) ? STR("transient") : format;
}

static void
saml_values(struct arena *arena, const struct saml_assertion *assertion, struct str provider, struct str name,
            struct key_values *values)
{
    struct aws_arn arn = aws_arn_read(provider);

    values->known = true;
    if (str_eq_nocase(name, STR("aud"))) {
        for (size_t i = 0; i < assertion->confirmation_count; i++)
            add_value(values, assertion->confirmations[i].recipient.text);
    } else if (str_eq_nocase(name, STR("iss"))) {
        add_value(values, assertion->issuer.value.text);
    } else if (str_eq_nocase(name, STR("sub"))) {
        add_value(values, assertion->name_id.value.text);
    } else if (str_eq_nocase(name, STR("sub_type"))) {
        add_value(values, sub_type(assertion->name_id.format.text));
    } else if (str_eq_nocase(name, STR("doc"))) {
        add_value(values, arena_printf(arena, "%.*s/%.*s", STR_ARG(arn.account), STR_ARG(arn.name)));
    } else {
        bool any = false;

        for (size_t i = 0; i < assertion->attribute_count; i++) {
            const char *key = aws_context_key(assertion->attributes[i].name.text);

            if (key != NULL && str_eq_nocase(name, str_from(key))) {
                add_attribute(values, &assertion->attributes[i]);
                any = true;
            }
        }
        values->known = any || !str_eq_nocase(name, STR("namequalifier"));
    }
}

static void
values_of(struct arena *arena, const struct saml_assertion *assertion, struct str provider, struct str key,
          struct key_values *values)
{
    static const char tag[] = "aws:RequestTag/";

    values->count = 0;
    values->known = true;
    if (str_starts_nocase(key, STR("saml:")))
        saml_values(arena, assertion, provider, str_from_offset(key, 5), values);
    else if (str_eq_nocase(key, STR("sts:RoleSessionName")))
        add_attribute(values, aws_attribute_find(assertion, AWS_ATTRIBUTE_SESSION_NAME));
    else if (str_eq_nocase(key, STR("sts:SourceIdentity")))
        add_attribute(values, aws_attribute_find(assertion, AWS_ATTRIBUTE_SOURCE_IDENTITY));
    else if (str_starts_nocase(key, str_from(tag)))
        for (size_t i = 0; i < assertion->attribute_count; i++) {
            if (str_eq_nocase(aws_attribute_tag_key(&assertion->attributes[i], AWS_ATTRIBUTE_PRINCIPAL_TAG),
                              str_from_offset(key, sizeof(tag) - 1)))
                add_attribute(values, &assertion->attributes[i]);
        }
    else
        values->known = false;
}

/* --- conditions ---------------------------------------------------------------------------------------- */

enum set_rule { SET_PLAIN, SET_ANY, SET_ALL };

struct operation {
    enum set_rule set;
    bool if_exists;
    bool negative;
    bool ignore_case;
    bool pattern;
    bool null_test;
    bool understood;
};

static struct operation
operation_read(struct str name)
{
    static const struct {
        const char *name;
        bool negative, ignore_case, pattern;
    } table[] = {
        { "StringEquals", false, false, false },
        { "StringNotEquals", true, false, false },
        { "StringEqualsIgnoreCase", false, true, false },
        { "StringNotEqualsIgnoreCase", true, true, false },
        { "StringLike", false, false, true },
        { "StringNotLike", true, false, true },
    };
    struct operation operation = { .set = SET_PLAIN };

    if (str_starts_nocase(name, STR("ForAnyValue:")))
        operation.set = SET_ANY;
    else if (str_starts_nocase(name, STR("ForAllValues:")))
        operation.set = SET_ALL;
    if (operation.set != SET_PLAIN)
        str_cut(name, ':', &(struct str){ 0 }, &name);
    if (name.len > 8 && str_eq_nocase(str_from_offset(name, name.len - 8), STR("IfExists"))) {
        operation.if_exists = true;
        name.len -= 8;
    }
    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (str_eq_nocase(name, str_from(table[i].name))) {
            operation.negative = table[i].negative;
            operation.ignore_case = table[i].ignore_case;
            operation.pattern = table[i].pattern;
            operation.understood = true;
        }
    operation.null_test = str_eq_nocase(name, STR("Null"));
    operation.understood = operation.understood || operation.null_test;
    return operation;
}

static bool
one_matches(const struct operation *operation, const struct trust_condition *condition, struct str value)
{
    for (size_t i = 0; i < condition->value_count; i++) {
        struct str wanted = condition->values[i];
        bool same = operation->pattern       ? trust_pattern_matches(wanted, value, false)
                    : operation->ignore_case ? str_eq_nocase(wanted, value)
                                             : str_eq(wanted, value);

        if (same)
            return true;
    }
    return false;
}

static bool
has_variable(const struct trust_condition *condition)
{
    for (size_t i = 0; i < condition->value_count; i++)
        if (str_find_c(condition->values[i], "${") != SIZE_MAX)
            return true;
    return false;
}

static enum truth
truth_of(bool value)
{
    return value ? TRUTH_YES : TRUTH_NO;
}

static enum truth
condition_holds(const struct trust_condition *condition, const struct key_values *values)
{
    struct operation operation = operation_read(condition->operation);
    size_t matching = 0;

    if (!values->known || !operation.understood || has_variable(condition))
        return TRUTH_UNKNOWN;
    if (operation.null_test)
        return truth_of(condition->value_count == 1 &&
                        str_eq_nocase(condition->values[0], STR("true")) == (values->count == 0));
    if (values->count == 0)
        return truth_of(operation.if_exists || operation.negative || operation.set == SET_ALL);
    for (size_t i = 0; i < values->count; i++)
        matching += one_matches(&operation, condition, values->items[i]) != operation.negative;
    if (operation.set == SET_ALL || (operation.negative && operation.set == SET_PLAIN))
        return truth_of(matching == values->count);
    return truth_of(matching > 0);
}

/* --- statements ---------------------------------------------------------------------------------------- */

static bool
names_provider(const struct trust_statement *statement, struct str provider)
{
    for (size_t i = 0; i < statement->federated_count; i++)
        if (str_eq(statement->federated[i], provider) || str_eq_c(statement->federated[i], "*"))
            return true;
    return statement->any_principal;
}

static bool
names_action(const struct trust_statement *statement, const char *action)
{
    for (size_t i = 0; i < statement->action_count; i++)
        if (trust_pattern_matches(statement->actions[i], str_from(action), true))
            return true;
    return false;
}

static struct trust_judgement
judge_statement(struct arena *arena, const struct trust_statement *statement, const struct saml_assertion *assertion,
                struct str provider, const char *action)
{
    struct trust_judgement judgement = { .answer = TRUST_ALLOWED, .statement = statement };
    struct key_values values;

    if (statement->negated)
        return (struct trust_judgement){ .answer = TRUST_NOT_KNOWN, .statement = statement };
    if (!names_provider(statement, provider))
        return (struct trust_judgement){ .answer = TRUST_NO_PRINCIPAL, .statement = statement };
    if (!names_action(statement, action))
        return (struct trust_judgement){ .answer = TRUST_NO_ACTION, .statement = statement };
    for (size_t i = 0; i < statement->condition_count; i++) {
        enum truth truth;

        values_of(arena, assertion, provider, statement->conditions[i].key, &values);
        truth = condition_holds(&statement->conditions[i], &values);
        if (truth == TRUTH_YES || (truth == TRUTH_UNKNOWN && judgement.answer == TRUST_NOT_KNOWN))
            continue;
        judgement.answer = truth == TRUTH_NO ? TRUST_CONDITION : TRUST_NOT_KNOWN;
        judgement.condition = &statement->conditions[i];
        judgement.received = values.count > 0 ? values.items[0] : (struct str){ 0 };
        if (truth == TRUTH_NO)
            break;
    }
    return judgement;
}

struct trust_judgement
trust_judge(struct arena *arena, const struct iam_role *role, const struct saml_assertion *assertion,
            struct str provider, const char *action)
{
    struct trust_judgement best = { .answer = TRUST_NO_PRINCIPAL }, one;

    if (!role->has_policy)
        return (struct trust_judgement){ .answer = TRUST_NOT_KNOWN };
    for (size_t i = 0; i < role->statement_count; i++) {
        const struct trust_statement *statement = &role->statements[i];

        one = judge_statement(arena, statement, assertion, provider, action);
        if (statement->deny) {
            if (one.answer == TRUST_ALLOWED)
                return (struct trust_judgement){ .answer = TRUST_DENIED, .statement = statement };
            continue;
        }
        if (best.statement == NULL || one.answer > best.answer)
            best = one;
    }
    return best;
}

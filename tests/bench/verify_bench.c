/* SPDX-License-Identifier: MIT */
/*
 * verify_bench own|both CERTIFICATE LIST SECONDS: CPU time that the engine needs to decode and verify one
 * posted response (base64, XML, facts, signature), in one thread and without files, as the median of five
 * slices. LIST names files with the values of SAMLResponse, one a line; every one of them must verify.
 *
 * verify_bench explain KIB: time that the search for a cause adds, for a Response of that size whose content was
 * damaged in a way that no guess undoes: the worst case. CPU time of the search as the median, wall time of decoding
 * and searching as the least of nine turns.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "file.h"
#include "find.h"
#include "keys.h"
#include "saml.h"
#include "saml_maker.h"

enum { MAX_FILES = 1000, MAX_BYTES = 16 << 20, ARENA_BYTES = 64 << 20, SLICES = 5 };

struct bench {
    struct saml_options options;
    struct buf values[MAX_FILES];
    size_t count;
    size_t next;
};

static _Noreturn void
fail(const char *what)
{
    fprintf(stderr, "verify_bench: %s\n", what);
    exit(1);
}

static struct buf
slurp(const char *path)
{
    char *why = NULL;
    struct buf bytes;

    if (!file_read(path, MAX_BYTES, &bytes, &why))
        fail(why);
    return bytes;
}

static void
read_list(struct bench *bench, const char *path)
{
    struct buf list = slurp(path);

    for (char *save, *line = strtok_r(list.bytes, "\n", &save); line != NULL && bench->count < MAX_FILES;
         line = strtok_r(NULL, "\n", &save))
        bench->values[bench->count++] = slurp(line);
    buf_release(&list);
    if (bench->count == 0)
        fail("the list is empty");
}

static double
cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
verify_next(struct bench *bench)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct message message = { .binding = BINDING_HTTP_POST };
    const struct dsig_signature *signature;

    find_decode(arena, buf_str(&bench->values[bench->next++ % bench->count]), &bench->options, &message);
    signature = message.saml != NULL && message.saml->signature_count > 0 ? &message.saml->signatures[0] : NULL;
    if (signature == NULL || signature->digest != DSIG_OK || signature->value != DSIG_OK ||
        (bench->options.second_opinion && signature->second_opinion != DSIG_OK))
        fail("a response does not verify");
    arena_free(arena);
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* --- what it costs to explain ------------------------------------------------------------------------------------ */

enum { TURNS = 9, SHAPES = 3, KIB = 1024 };

static double
wall_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Many short attributes, few long ones, or many elements without any text: what is walked differs. */
static void
add_attributes(struct buf *xml, int shape, size_t size)
{
    size_t number = 0;

    for (size_t end = xml->len + size; xml->len < end; number++) {
        buf_printf(xml, "<saml:Attribute Name=\"https://sp.example.com/claims/%zu\"><saml:AttributeValue>", number);
        for (size_t i = 0; shape == 1 && i < 8 * KIB && xml->len < end; i++)
            buf_add_byte(xml, (char)('a' + (i * 7 + number) % 26));
        for (size_t i = 0; shape == 2 && i < 4; i++) /* at a mebibyte near the limit of 50 000 elements */
            buf_add_c(xml, "<x a=\"1\"/>\n ");
        buf_printf(xml, "value-%zu@example.com</saml:AttributeValue></saml:Attribute>", number * 7919);
    }
}

/* A signed Response of about that size; then one letter of the Issuer and one of an attribute are others. */
static struct buf
make_damaged(size_t size, int shape)
{
    static const char marks[][2][24] = { { ">https://idp.", ">https://jdp." },
                                         { "value-0@example", "value-0@exbmple" } };
    struct buf xml, filled;
    char why[300];

    buf_init(&xml, 8 << 20);
    buf_init(&filled, 8 << 20);
    buf_add_c(&xml,
              "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" "
              "xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_r0123456789abcdef0123\" Version=\"2.0\" "
              "IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer>https://idp.example.com/saml</saml:Issuer>"
              "<?sign key=\"idp\"?><samlp:Status><samlp:StatusCode "
              "Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status><saml:Assertion "
              "ID=\"_a0123456789abcdef0123\" Version=\"2.0\" IssueInstant=\"2026-01-01T00:00:00Z\"><saml:Issuer>"
              "https://idp.example.com/saml</saml:Issuer><?sign key=\"idp\"?><saml:Subject><saml:NameID>jdoe"
              "</saml:NameID></saml:Subject><saml:AttributeStatement>");
    add_attributes(&xml, shape, size > 4 * KIB ? size - 4 * KIB : 0); /* two signatures and the rest take four */
    buf_add_c(&xml, "</saml:AttributeStatement></saml:Assertion></samlp:Response>");
    if (buf_failed(&xml) || !saml_maker_fill(buf_str(&xml), &filled, why, sizeof why))
        fail("the message cannot be made");
    for (size_t i = 0; i < COUNT_OF(marks); i++)
        for (char *at = filled.bytes; (at = strstr(at, marks[i][0])) != NULL; at++)
            memcpy(at, marks[i][1], strlen(marks[i][1]));
    buf_release(&xml);
    return filled;
}

struct taken {
    double cpu, wall; /* microseconds */
};

static struct taken
decode_once(struct str xml, const struct key_set *keys, bool explain)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    struct saml_options options = { .keys = keys, .explain = explain };
    struct input input = { 0 };
    struct taken start = { cpu_us(), wall_us() }, taken;

    find_input(arena, xml, &options, &input);
    taken = (struct taken){ cpu_us() - start.cpu, wall_us() - start.wall };
    if (input.messages.count != 1 || input.messages.items[0].saml == NULL ||
        input.messages.items[0].saml->signatures[0].digest != DSIG_BAD ||
        input.messages.items[0].saml->signatures[0].digest_cause != DSIG_CAUSE_NONE)
        fail("the damage has a cause, or is none");
    arena_free(arena);
    return taken;
}

static void
measure(struct str message, const struct key_set *keys, const char *shape)
{
    double cpu[TURNS], wall[TURNS];

    for (int turn = 0; turn < TURNS; turn++) {
        struct taken with = decode_once(message, keys, true), without = decode_once(message, keys, false);

        cpu[turn] = with.cpu - without.cpu;
        wall[turn] = with.wall;
    }
    qsort(cpu, TURNS, sizeof *cpu, by_value);
    qsort(wall, TURNS, sizeof *wall, by_value);
    printf("%zu KiB of %s: cpu_ms=%.1f wall_ms=%.1f\n", message.len / KIB, shape, cpu[TURNS / 2] / 1e3, wall[0] / 1e3);
}

static int
explain_bench(size_t size)
{
    static const char *const names[SHAPES] = { "short values", "long values", "empty elements" };
    const char *why = NULL, *pem = saml_maker_certificate_pem("idp");
    struct key_set *keys = key_set_new();

    if (key_set_add_trusted(keys, str_from(pem), STR("idp.pem"), (struct str){ 0 }, &why) == 0)
        fail(why);
    for (int shape = 0; shape < SHAPES; shape++) {
        struct buf message = make_damaged(size, shape);

        measure(buf_str(&message), keys, names[shape]);
        buf_release(&message);
    }
    key_set_free(keys);
    saml_maker_release();
    return 0;
}

int
main(int argc, char **argv)
{
    static struct bench bench;
    double slices[SLICES];
    const char *why = NULL;
    struct key_set *keys;
    struct buf certificate;

    if (argc != 5 && !(argc == 3 && strcmp(argv[1], "explain") == 0))
        fail("usage: verify_bench own|both CERTIFICATE LIST SECONDS, or: verify_bench explain KIB");
    if (argc == 3)
        return saml_library_init(&why) ? explain_bench((size_t)atoi(argv[2]) * KIB) : 1;
    if (!saml_library_init(&why) || (keys = key_set_new()) == NULL)
        fail("cannot begin");
    certificate = slurp(argv[2]);
    if (key_set_add_trusted(keys, buf_str(&certificate), str_from(argv[2]), (struct str){ 0 }, &why) == 0)
        fail(why);
    bench.options = (struct saml_options){ .keys = keys, .second_opinion = strcmp(argv[1], "both") == 0 };
    read_list(&bench, argv[3]);
    for (int i = 0; i < SLICES; i++) {
        double start = cpu_us(), end = start + atof(argv[4]) * 1e6 / SLICES;
        size_t done = 0;

        while (cpu_us() < end)
            for (int n = 0; n < 20; n++, done++)
                verify_next(&bench);
        slices[i] = (cpu_us() - start) / (double)done;
    }
    qsort(slices, SLICES, sizeof *slices, by_value);
    printf("us=%.2f min=%.2f max=%.2f\n", slices[SLICES / 2], slices[0], slices[SLICES - 1]);
    return 0;
}

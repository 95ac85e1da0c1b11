/* SPDX-License-Identifier: MIT */
/*
 * verify_bench own|both CERTIFICATE LIST SECONDS: CPU time that the engine needs to decode and verify one
 * posted response (base64, XML, facts, signature), in one thread and without files, as the median of five
 * slices. LIST names files with the values of SAMLResponse, one a line; every one of them must verify.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "file.h"
#include "find.h"
#include "keys.h"
#include "saml.h"

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

int
main(int argc, char **argv)
{
    static struct bench bench;
    double slices[SLICES];
    const char *why = NULL;
    struct key_set *keys;
    struct buf certificate;

    if (argc != 5)
        fail("usage: verify_bench own|both CERTIFICATE LIST SECONDS");
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

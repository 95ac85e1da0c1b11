/* SPDX-License-Identifier: MIT */
/* make_seeds FOLDER: writes the seeds of every fuzzer to FOLDER/NAME/NUMBER and "NAME MAX_LEN" lines to standard
 * output. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "fuzz_all.h"

enum { CEILING = 256 << 20, MAX_PATH_BYTES = 400 };

static void
write_seed(const char *folder, size_t number, struct str seed)
{
    char path[MAX_PATH_BYTES];
    FILE *stream;

    snprintf(path, sizeof path, "%s/%zu", folder, number);
    stream = fopen(path, "wb");
    if (stream == NULL || fwrite(seed.ptr, 1, seed.len, stream) != seed.len || fclose(stream) != 0) {
        perror(path);
        exit(1);
    }
}

int
main(int argc, char **argv)
{
    char folder[MAX_PATH_BYTES - 30];

    if (argc != 2)
        return 2;
    fuzz_start();
    for (size_t i = 0; fuzz_targets[i] != NULL; i++) {
        struct fuzz_seeds seeds = { .arena = arena_new(CEILING) };

        snprintf(folder, sizeof folder, "%s/%s", argv[1], fuzz_targets[i]->name);
        if (mkdir(folder, 0777) != 0 && errno != EEXIST) {
            perror(folder);
            return 1;
        }
        fuzz_targets[i]->seed(&seeds);
        for (size_t k = 0; k < seeds.count; k++)
            write_seed(folder, k, seeds.items[k]);
        printf("%s %zu\n", fuzz_targets[i]->name, fuzz_targets[i]->max_len);
        arena_free(seeds.arena);
    }
    return 0;
}

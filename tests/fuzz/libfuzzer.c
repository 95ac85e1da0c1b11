/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

/* One target as libFuzzer wants it; FUZZ_NAME is that of its struct. */
extern const struct fuzz_target FUZZ_NAME;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_start();
    return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FUZZ_NAME.run((struct str){ data != NULL ? (const char *)data : "", size });
    return 0;
}

/* SPDX-License-Identifier: MIT */
#include <unistd.h>

#include "cli.h"

int
main(int argc, char **argv)
{
    return cli_main(argc, argv, environ);
}

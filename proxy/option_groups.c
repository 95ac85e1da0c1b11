/* SPDX-License-Identifier: MIT */
#include "options.h"

static const char *const group_titles[GROUP_COUNT] = {
    [GROUP_EXPECT] = "What the service provider expects",
    [GROUP_KEYS] = "Keys and metadata",
    [GROUP_EVIDENCE] = "What AWS lists",
    [GROUP_INPUT] = "Input",
    [GROUP_NETWORK] = "Network and scope",
    [GROUP_AUTHORITY] = "Certificate authority",
    [GROUP_LAB] = "Lab",
    [GROUP_OUTPUT] = "Output",
    [GROUP_GENERAL] = "General",
};

const char *
option_group_title(enum option_group group)
{
    return group_titles[group];
}

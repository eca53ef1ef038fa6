#pragma once
#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>

// An option that cmark-gfm.h defines as a shift; a constant of ours is imported whatever the macro holds.
enum {
    CMD_FULL_INFO_STRING = CMARK_OPT_FULL_INFO_STRING,
};

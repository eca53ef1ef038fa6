#pragma once
#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>

// cmark.h and its extensions name these options as macros that hold a cast or a shift; Swift gets them as constants.
enum {
    CMD_FULL_INFO_STRING = CMARK_OPT_FULL_INFO_STRING,
};

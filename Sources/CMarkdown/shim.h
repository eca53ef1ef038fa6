#pragma once
#include <cmark-gfm.h>
#include <cmark-gfm-core-extensions.h>

// cmark-gfm.h defines the option as a macro with a shift; Swift imports an enumeration constant in any case.
enum {
    CMD_FULL_INFO_STRING = CMARK_OPT_FULL_INFO_STRING,
};

#pragma once
#include <libpq-fe.h>

// PG_DIAG_* are character literals, which Swift does not import: https://www.postgresql.org/docs/15/libpq-exec.html
enum {
    CPG_DIAG_SQLSTATE = PG_DIAG_SQLSTATE,
    CPG_DIAG_MESSAGE_PRIMARY = PG_DIAG_MESSAGE_PRIMARY,
};

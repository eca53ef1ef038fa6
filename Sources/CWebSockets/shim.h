#pragma once
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

// Swift imports neither macros that hold a cast nor the function-like ones inside LWS_PRE.

/// The number of bytes that lws_write needs free in front of every payload.
enum { CLWS_PRE = LWS_PRE };

/// The lws_write protocol of a close frame, which the public enumeration leaves out (private-lib-roles-ws.h has it
/// since 1.0); sends a close frame without closing the connection.
static const uint32_t CLWS_WRITE_CLOSE = 4;

static const uint64_t CLWS_OPTION_TLS = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
static const uint64_t CLWS_OPTION_EXPLICIT_VHOSTS = LWS_SERVER_OPTION_EXPLICIT_VHOSTS;

/// Accepts a connection, close-on-exec and non-blocking; -1 when there is none (see errno). accept4 is a GNU extension
/// that Swift's Glibc module leaves out.
static inline int clws_accept(int descriptor) {
    extern int accept4(int, struct sockaddr *, socklen_t *, int);
    return accept4(descriptor, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK);
}

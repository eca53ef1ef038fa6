/* Counts what a program allocates: LD_PRELOAD=malloc_count.so. SIGUSR1 appends one line to the file that MALLOC_COUNT
 * names: calls of malloc, calloc, realloc and posix_memalign, bytes asked for, calls of free. Also aligned_alloc, which
 * Swift uses for over-aligned objects. The counters are relaxed atomics: their order among threads does not matter. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static atomic_ulong allocations, bytes, frees;
static char path[4096];

static void count(size_t size) {
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&bytes, size, memory_order_relaxed);
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    count(size);
    return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    count(size);
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : ENOMEM;
}

void free(void *old) {
    if (old) atomic_fetch_add_explicit(&frees, 1, memory_order_relaxed);
    __libc_free(old);
}

/* Writes a number before `end`, without anything that a signal handler may not call. */
static char *decimal(char *end, unsigned long value) {
    do *--end = '0' + value % 10; while (value /= 10);
    return end;
}

static void report(int signal) {
    (void)signal;
    char line[96], *at = line + sizeof line;
    *--at = '\n';
    at = decimal(at, atomic_load(&frees));
    *--at = ' ';
    at = decimal(at, atomic_load(&bytes));
    *--at = ' ';
    at = decimal(at, atomic_load(&allocations));
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (file < 0) return;
    ssize_t ignored = write(file, at, line + sizeof line - at);
    (void)ignored;
    close(file);
}

__attribute__((constructor)) static void begin(void) {
    const char *wanted = getenv("MALLOC_COUNT");
    if (!wanted || strlen(wanted) >= sizeof path) return;
    strcpy(path, wanted);
    struct sigaction action = {.sa_handler = report, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
}

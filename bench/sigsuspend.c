/* LD_PRELOAD under valgrind. Valgrind 3.19 writes to the mask that a program hands to sigsuspend, and dies when that is a
 * constant, as it is in libdispatch: give it a copy. */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

int sigsuspend(const sigset_t *mask) {
    sigset_t copy = *mask;
    return (int)syscall(SYS_rt_sigsuspend, &copy, 8);
}

/* Makes every fsync and fdatasync of a process take one millisecond longer, about what a common cloud disk costs.
 * Loaded into PostgreSQL with LD_PRELOAD: cc -shared -fPIC -O2 -o slow_fsync.so slow_fsync.c -ldl */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static int later(const char *name, int file) {
    const struct timespec delay = {0, 1000 * 1000};
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    nanosleep(&delay, 0);
    return real(file);
}

int fsync(int file) { return later("fsync", file); }
int fdatasync(int file) { return later("fdatasync", file); }

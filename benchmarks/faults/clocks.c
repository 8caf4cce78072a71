// Loaded into each process of an arena (LD_PRELOAD): its wall clock is as many seconds ahead as the
// files "machine" and "<its process id>" in the folder CLOCKS say. Other clocks go on as they are,
// as if somebody had set the time.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *machine, *own;

static const int64_t *offset_in(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return NULL;
    if (lseek(file, 0, SEEK_END) < 8) truncate(path, 8);
    void *found = mmap(NULL, 8, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    return found == MAP_FAILED ? NULL : found;
}

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("CLOCKS");
    char name[32];
    if (folder == NULL) return;
    snprintf(name, sizeof name, "%d", (int)getpid());
    machine = offset_in(folder, "machine");
    own = offset_in(folder, name);
}

static int64_t ahead(void) { return (machine ? *machine : 0) + (own ? *own : 0); }

int clock_gettime(clockid_t clock, struct timespec *now) {
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (!failed && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += ahead();
    return failed;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    int failed = syscall(SYS_gettimeofday, now, zone);
    if (!failed && now) now->tv_sec += ahead();
    return failed;
}

time_t time(time_t *copy) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (copy) *copy = now.tv_sec;
    return now.tv_sec;
}

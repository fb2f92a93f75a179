/* Prints one reading of the time page: UTC, raw instant and bound as seconds and fraction, then what is known of it; or "none". */
#include "timesuite_clock.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

int main(int argc, char **argv)
{
    int file = open(argc > 1 ? argv[1] : TIMESUITE_PAGE_PATH, O_RDONLY | O_CLOEXEC);
    void *page = file < 0 ? MAP_FAILED : mmap(0, TIMESUITE_PAGE_SIZE, PROT_READ, MAP_SHARED, file, 0);
    struct timesuite_reading now;

    if (page == MAP_FAILED || !timesuite_now(page, &now)) {
        puts("none");
        return 0;
    }
    printf("%" PRId64 " %" PRIu64 "\n%" PRId64 " %" PRIu64 "\n%" PRId64 " %" PRIu64 "\n%d %d %d %" PRIu64 "\n",
           now.utc.seconds, now.utc.fraction, now.raw.seconds, now.raw.fraction, now.bound.seconds, now.bound.fraction,
           now.synchronized, now.leap, now.tai_offset, now.step_generation);
    return 0;
}

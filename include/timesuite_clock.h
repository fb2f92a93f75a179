/* SPDX-License-Identifier: Apache-2.0
 *
 * TimeSuite's time page: how to read it from C. 64-bit Linux, gcc or clang, with POSIX clocks (-std=gnu11 or _GNU_SOURCE).
 *
 * clockd keeps /run/timesuite/clockd/clock, a file of 4,096 octets that is never replaced: map it once, shared and
 * read only, and read it as often as you like, with no system call. It is in the machine's own octet order.
 *
 *   off size
 *     0    8  "TSCLOCK" and a zero
 *     8    4  layout version, 1
 *    12    4  size, 4096
 *    16   16  boot id, the octets of /proc/sys/kernel/random/boot_id as it is written
 *    32    4  sequence: odd while clockd writes
 *    64  704  body, see struct timesuite_page_body
 *  2048  704  clockd's own copy of the body; not for readers
 *
 * A clock of kind TIMESUITE_SYSTEM is CLOCK_REALTIME; the page tells how good it is. A clock of kind TIMESUITE_SHADOW *is*
 * the page: UTC at a raw instant (CLOCK_MONOTONIC_RAW) is, with the last segment that starts at or before it,
 *   base + (raw - start) * (1 + rate * 2^-64) + (suspended - segment's suspended)
 * where suspended = CLOCK_BOOTTIME - CLOCK_MONOTONIC. Segments may start in the future: the planned end of a slew.
 *
 * The clock is to be believed if the synchronized flag is set, now - announced <= 2 * interval, and the machine has not
 * slept since the announcement. Its error is then at most bound + (raw - as_of) * bound_growth * 2^-64.
 */
#ifndef TIMESUITE_CLOCK_H
#define TIMESUITE_CLOCK_H

#include <stdint.h>
#include <string.h>
#include <time.h>

#define TIMESUITE_PAGE_PATH "/run/timesuite/clockd/clock"
#define TIMESUITE_PAGE_SIZE 4096
#define TIMESUITE_PAGE_VERSION 1u
#define TIMESUITE_SEQUENCE_AT 32
#define TIMESUITE_BODY_AT 64
#define TIMESUITE_SEGMENTS 8

enum timesuite_kind { TIMESUITE_NONE = 0, TIMESUITE_SYSTEM = 1, TIMESUITE_SHADOW = 2 };
enum timesuite_leap { TIMESUITE_LEAP_NONE = 0, TIMESUITE_LEAP_INSERT = 1, TIMESUITE_LEAP_DELETE = 2 };

/* Floored seconds and a fraction of 2^-64 s that is never negative. */
struct timesuite_time {
    int64_t seconds;
    uint64_t fraction;
};

struct timesuite_segment {
    struct timesuite_time start;     /* raw instant from which it holds */
    struct timesuite_time base;      /* UTC then, since 1970 */
    int64_t rate;                    /* 2^-64 s/s, positive is faster than the raw oscillator */
    uint64_t generation;             /* steps since boot */
    struct timesuite_time suspended; /* how long the machine had been suspended then */
};

struct timesuite_page_body {
    uint32_t kind;          /* enum timesuite_kind */
    uint32_t flags;         /* bit 0: synchronized, as announced */
    int32_t leap;           /* enum timesuite_leap, at the end of this UTC day */
    int32_t tai_offset;     /* TAI-UTC, s; 0: unknown */
    uint32_t time_constant; /* of the kernel's loop: each second 1/2^(2+tc) of the pending phase is worked off */
    uint32_t segment_count; /* 0 to 8; 0 for the system's clock */
    uint64_t step_generation;
    int64_t frequency;                   /* rate correction without the slew, 2^-64 s/s */
    int64_t bound_growth;                /* 2^-64 s/s, not negative */
    struct timesuite_time as_of;         /* raw instant of bound and pending_phase */
    struct timesuite_time announced;     /* raw instant of the last announcement */
    struct timesuite_time interval;      /* promised between announcements */
    struct timesuite_time bound;         /* half-width of the interval that holds true time, pending phase included */
    struct timesuite_time pending_phase; /* positive: the clock will be advanced */
    struct timesuite_time slew_starts;   /* UTC */
    struct timesuite_time suspended;     /* CLOCK_BOOTTIME - CLOCK_MONOTONIC at the announcement */
    struct timesuite_time sigma;         /* standard deviation of the estimate */
    struct timesuite_time running;       /* what the kernel does until its next full second beside pending_phase */
    struct timesuite_segment segments[TIMESUITE_SEGMENTS]; /* oldest first */
};

_Static_assert(sizeof(struct timesuite_segment) == 64, "layout");
_Static_assert(sizeof(struct timesuite_page_body) == 704, "layout");

struct timesuite_reading {
    struct timesuite_time utc;   /* the middle of the interval [earliest, latest] = utc -+ bound */
    struct timesuite_time bound; /* its half-width; without meaning unless synchronized */
    struct timesuite_time raw;   /* CLOCK_MONOTONIC_RAW of this reading */
    int synchronized;
    int leap;
    int tai_offset;
    uint64_t step_generation;
};

typedef __int128 timesuite_int128;

static inline timesuite_int128 timesuite_fixed(struct timesuite_time t)
{
    return (timesuite_int128)(((unsigned __int128)(uint64_t)t.seconds << 64) | t.fraction);
}

static inline struct timesuite_time timesuite_unfixed(timesuite_int128 v)
{
    struct timesuite_time t = { (int64_t)(v >> 64), (uint64_t)v };
    return t;
}

/* ns rounded up to 2^-64 s, as clockd does. */
static inline timesuite_int128 timesuite_clock(clockid_t id)
{
    struct timespec ts;
    clock_gettime(id, &ts);
    unsigned __int128 scaled = (unsigned __int128)(uint64_t)ts.tv_nsec << 64;
    return ((timesuite_int128)ts.tv_sec * ((timesuite_int128)1 << 64)) + (timesuite_int128)((scaled + 999999999u) / 1000000000u);
}

/* What a rate (2^-64 s/s) gains in a time, exact to 2^-64 s. */
static inline timesuite_int128 timesuite_gain(timesuite_int128 elapsed, int64_t rate)
{
    return (timesuite_int128)(int64_t)(elapsed >> 64) * rate + (((timesuite_int128)(uint64_t)elapsed * rate) >> 64);
}

/* Two clocks cannot be read together: less than 10 ms of sleep is none. */
static inline timesuite_int128 timesuite_slept(timesuite_int128 before, timesuite_int128 now)
{
    timesuite_int128 least = ((timesuite_int128)1 << 64) / 100;
    return now - before >= least ? now - before : 0;
}

static inline timesuite_int128 timesuite_suspended(void)
{
    timesuite_int128 before = timesuite_clock(CLOCK_MONOTONIC);
    timesuite_int128 boot = timesuite_clock(CLOCK_BOOTTIME);
    timesuite_int128 after = timesuite_clock(CLOCK_MONOTONIC);
    return boot - (before + after) / 2;
}

/* Copies the body as it was at one moment. 0: a page that is none, or clockd stays in the middle of a write. Ends in any case. */
static inline int timesuite_page_read(const void *page, struct timesuite_page_body *body)
{
    const unsigned char *octets = (const unsigned char *)page;
    const uint32_t *sequence = (const uint32_t *)(const void *)(octets + TIMESUITE_SEQUENCE_AT);
    uint32_t version;

    memcpy(&version, octets + 8, sizeof version);
    if (memcmp(octets, "TSCLOCK", 8) != 0 || version != TIMESUITE_PAGE_VERSION) {
        return 0;
    }
    for (int attempt = 0; attempt < 10000; attempt++) {
        uint32_t before = __atomic_load_n(sequence, __ATOMIC_ACQUIRE);
        if (before & 1u) {
            continue;
        }
        memcpy(body, octets + TIMESUITE_BODY_AT, sizeof *body);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (__atomic_load_n(sequence, __ATOMIC_RELAXED) == before) {
            return body->kind != TIMESUITE_NONE;
        }
    }
    return 0;
}

/* What a shadow clock shows at a raw instant. 0: not a shadow clock, or before its oldest segment. */
static inline int timesuite_map(const struct timesuite_page_body *body, timesuite_int128 raw, timesuite_int128 suspended,
                                timesuite_int128 *utc, uint64_t *generation)
{
    uint32_t count = body->segment_count < TIMESUITE_SEGMENTS ? body->segment_count : TIMESUITE_SEGMENTS;
    while (count-- > 0) {
        const struct timesuite_segment *s = &body->segments[count];
        timesuite_int128 elapsed = raw - timesuite_fixed(s->start);
        if (elapsed >= 0) {
            *utc = timesuite_fixed(s->base) + elapsed + timesuite_gain(elapsed, s->rate)
                 + timesuite_slept(timesuite_fixed(s->suspended), suspended);
            *generation = s->generation;
            return 1;
        }
    }
    return 0;
}

/* The clock now. 0: there is no clock to read. */
static inline int timesuite_now(const void *page, struct timesuite_reading *reading)
{
    struct timesuite_page_body body;
    if (!timesuite_page_read(page, &body)) {
        return 0;
    }
    timesuite_int128 suspended = timesuite_suspended();
    timesuite_int128 utc = timesuite_clock(CLOCK_REALTIME);
    timesuite_int128 raw = timesuite_clock(CLOCK_MONOTONIC_RAW);
    reading->step_generation = body.step_generation;
    if (body.kind == TIMESUITE_SHADOW && !timesuite_map(&body, raw, suspended, &utc, &reading->step_generation)) {
        return 0;
    }
    timesuite_int128 age = raw - timesuite_fixed(body.as_of);
    timesuite_int128 silence = raw - timesuite_fixed(body.announced);
    timesuite_int128 written = timesuite_fixed(body.suspended);
    reading->utc = timesuite_unfixed(utc);
    reading->raw = timesuite_unfixed(raw);
    reading->bound = timesuite_unfixed(timesuite_fixed(body.bound) + timesuite_gain(age > 0 ? age : 0, body.bound_growth));
    reading->synchronized = (body.flags & 1u) && silence <= 2 * timesuite_fixed(body.interval)
                         && timesuite_slept(written, suspended) == 0 && timesuite_slept(suspended, written) == 0;
    reading->leap = body.leap;
    reading->tai_offset = body.tai_offset;
    return 1;
}

#endif

// The true time of the machine that the tests run in: its raw oscillator, which nobody can steer, and what that is known to be wrong by.
// As a library that is preloaded it is all that a reference has for a clock, whatever is done to the kernel's: cc -shared -fPIC -o truth.so truth.c
// As a program it says what the kernel's clock is wrong by: cc -DPROGRAM -o truth truth.c
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

// In /run/truth. ns of UTC at raw time zero; by how much the oscillator is slow, ppb; the leap second that will be, and of which kind.
struct truth { int64_t base; int64_t slow; int64_t leap; int64_t insert; };
static struct truth *truth;

static void open_truth(int flags) {
  int file = open("/run/truth", flags, 0644);
  if (file < 0 || ((flags & O_CREAT) && ftruncate(file, sizeof *truth) < 0)) { perror("/run/truth"); exit(1); }
  truth = mmap(NULL, sizeof *truth, PROT_READ | (flags & O_RDWR ? PROT_WRITE : 0), MAP_SHARED, file, 0);
  if (truth == MAP_FAILED) { perror("/run/truth"); exit(1); }
  close(file);
}

static int64_t read_clock(clockid_t id) { // past the library's own function, which may be ours
  struct timespec now;
  syscall(SYS_clock_gettime, id, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int64_t true_time(int64_t raw) {
  int64_t utc = truth->base + raw + (int64_t)((__int128)raw * truth->slow / 1000000000);
  return truth->leap != 0 && utc >= truth->leap - (truth->insert > 0 ? 0 : 1000000000LL) ? utc - truth->insert * 1000000000LL : utc;
}

#ifndef PROGRAM
__attribute__((constructor)) static void start(void) { open_truth(O_RDONLY); }

int clock_gettime(clockid_t id, struct timespec *to) {
  int64_t now = id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE ? true_time(read_clock(CLOCK_MONOTONIC_RAW)) : read_clock(id);
  to->tv_sec = now / 1000000000; to->tv_nsec = now % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *to, void *zone) {
  int64_t now = true_time(read_clock(CLOCK_MONOTONIC_RAW));
  (void)zone; to->tv_sec = now / 1000000000; to->tv_usec = now / 1000 % 1000000;
  return 0;
}

time_t time(time_t *to) {
  time_t now = true_time(read_clock(CLOCK_MONOTONIC_RAW)) / 1000000000;
  if (to) *to = now;
  return now;
}

int setsockopt(int socket, int level, int name, const void *value, socklen_t length) { // the kernel's stamps are of the kernel's clock
  if (level == SOL_SOCKET && (name == SO_TIMESTAMP || name == SO_TIMESTAMPNS || name == SO_TIMESTAMPING)) { errno = ENOPROTOOPT; return -1; }
  return syscall(SYS_setsockopt, socket, level, name, value, length);
}
#else
static int64_t error_now(void) { // ns, positive: the kernel's clock is ahead; the best of ten looks
  int64_t best = INT64_MAX, error = 0;
  for (int i = 0; i < 10; i++) {
    int64_t before = read_clock(CLOCK_MONOTONIC_RAW), kernel = read_clock(CLOCK_REALTIME), after = read_clock(CLOCK_MONOTONIC_RAW);
    if (after - before < best) { best = after - before; error = kernel - true_time(before + best / 2); }
  }
  return error;
}

static int set_phc(const char *device, int tai) { // to the true time in TAI, and to its rate
  int file = open(device, O_RDWR);
  if (file < 0) { perror(device); return 1; }
  clockid_t id = (clockid_t)((~(unsigned)file << 3) | 3); // FD_TO_CLOCKID of clock_gettime(2)
  struct timex rate = { .modes = ADJ_FREQUENCY, .freq = truth->slow * 65536 / 1000 }; // ppm with 16 bits of fraction
  if (clock_adjtime(id, &rate) < 0) { perror("the clock's rate"); return 1; }
  int64_t best = INT64_MAX, behind = 0;
  for (int i = 0; i < 20; i++) {
    int64_t before = read_clock(CLOCK_MONOTONIC_RAW), phc = read_clock(id), after = read_clock(CLOCK_MONOTONIC_RAW);
    if (after - before < best) { best = after - before; behind = true_time(before + best / 2) + tai * 1000000000LL - phc; }
  }
  int64_t seconds = behind / 1000000000, rest = behind % 1000000000;
  if (rest < 0) { rest += 1000000000; seconds--; }
  struct timex step = { .modes = ADJ_SETOFFSET | ADJ_NANO, .time = { .tv_sec = seconds, .tv_usec = rest } };
  if (clock_adjtime(id, &step) < 0) { perror("the clock's time"); return 1; }
  printf("moved by %.9f s\n", behind / 1e9);
  return 0;
}

int main(int count, char **words) {
  const char *verb = count > 1 ? words[1] : "";
  if (!strcmp(verb, "begin") && count == 4) { // begin UNIX-TIME PPM-SLOW : the time that it was when the machine was switched on
    open_truth(O_RDWR | O_CREAT);
    *truth = (struct truth){ .base = atoll(words[2]) * 1000000000LL, .slow = (int64_t)(atof(words[3]) * 1000) };
  } else if (!strcmp(verb, "jump") && count == 3) { // jump SECONDS : it is later than the oscillator says
    open_truth(O_RDWR); truth->base += (int64_t)(atof(words[2]) * 1e9);
  } else if (!strcmp(verb, "leap") && count == 4) { // leap UNIX-TIME +1|-1 : the midnight after it
    open_truth(O_RDWR); truth->leap = atoll(words[2]) * 1000000000LL; truth->insert = atoi(words[3]);
  } else if (!strcmp(verb, "error") && count == 2) { // s, positive: the kernel's clock is ahead
    open_truth(O_RDONLY); printf("%.9f\n", error_now() / 1e9);
  } else if (!strcmp(verb, "phc") && count == 4) { // phc DEVICE TAI-UTC : a hardware clock gets the true time
    open_truth(O_RDONLY); return set_phc(words[2], atoi(words[3]));
  } else if (!strcmp(verb, "now") && count == 2) {
    open_truth(O_RDONLY); printf("%.9f\n", true_time(read_clock(CLOCK_MONOTONIC_RAW)) / 1e9);
  } else if (!strcmp(verb, "kernel") && count == 2) { // what the kernel knows of its clock
    struct timex kernel = { .modes = 0 };
    int state = adjtimex(&kernel);
    printf("state=%d status=0x%x ppm=%.3f offset=%.9f maxerror=%.6f tai=%d\n", state, kernel.status, kernel.freq / 65536.0,
      kernel.offset / (kernel.status & STA_NANO ? 1e9 : 1e6), kernel.maxerror / 1e6, kernel.tai);
  } else {
    fprintf(stderr, "truth begin UNIX-TIME PPM | jump SECONDS | leap UNIX-TIME +1|-1 | phc DEVICE TAI-UTC | error | now | kernel\n");
    return 2;
  }
  return 0;
}
#endif

// What clients measure with: latencies and their percentiles, and the CPU time of the processes that are watched.
#define _GNU_SOURCE
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct latencies latencies_new(size_t max)
{
    struct latencies new = { .max = max, .ns = calloc(max, sizeof *new.ns) };
    if (new.ns == NULL)
        die("calloc");
    return new;
}

void latencies_add(struct latencies *latencies, int64_t ns)
{
    if (latencies->count < latencies->max)
        latencies->ns[latencies->count++] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

static int compare(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

void latencies_sort(struct latencies *latencies)
{
    qsort(latencies->ns, latencies->count, sizeof *latencies->ns, compare);
}

double percentile_us(const struct latencies *sorted, double share)
{
    return sorted->count == 0 ? 0 : sorted->ns[(size_t)(share * (double)(sorted->count - 1))] / 1e3;
}

int64_t watched_cpu_ns(const struct options *options)
{
    int64_t sum = 0;
    for (int i = 0; i < options->watched_count; i++) {
        clockid_t clock;
        struct timespec used;
        if (clock_getcpuclockid(options->watched[i], &clock) != 0 || clock_gettime(clock, &used) != 0) {
            fprintf(stderr, "load client: process %d is gone\n", options->watched[i]);
            exit(1);
        }
        sum += used.tv_sec * 1000000000LL + used.tv_nsec;
    }
    return sum;
}

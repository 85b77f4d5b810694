// The paced client: round trips whose requests leave at fixed times, whatever the answers do (open loop). A request's latency counts from when it was
// due, so that a stall shows in every request it delays and not in one alone.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, REQUEST_BYTES_MAX = 4096, READ_BYTES = 64 * 1024 };

static const int64_t LastAnswersNs = 2000000000;

// Request k is due at Begin + k × Interval, on connection k modulo all: the n-th answer of a connection tells which k it belongs to.
struct slot {
    int fd;
    uint64_t index, answered, received;
};

static const struct options *Options;
static int64_t Begin, Interval;
static uint64_t First, Last;       // The measured requests: First <= k < Last.
static uint64_t Sent, Answered;
static uint32_t *Latencies;
static size_t LatencyCount;

static int64_t due_ns(uint64_t request)
{
    return Begin + (int64_t)request * Interval;
}

static void open_slot(int epoll, struct slot *slot, struct hello *hello)
{
    int on = 1;
    slot->fd = tcp_socket(0);
    setsockopt(slot->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(slot->fd, (const struct sockaddr *)&Options->address, sizeof Options->address) < 0)
        die("connect");
    hello_next_name(hello);
    if (send(slot->fd, hello->bytes, hello->length, MSG_NOSIGNAL) != (ssize_t)hello->length)
        die("send");
    if (epoll_add(epoll, slot->fd, EPOLLIN, slot) < 0)
        die("epoll_ctl");
}

static void read_answers(struct slot *slot)
{
    static uint8_t buffer[READ_BYTES];
    ssize_t got = recv(slot->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        fprintf(stderr, "load client: connection %llu was lost\n", (unsigned long long)slot->index);
        exit(1);
    }
    slot->received += (uint64_t)got;
    for (; slot->received >= Options->response_bytes; slot->received -= Options->response_bytes) {
        uint64_t request = slot->answered++ * (uint64_t)Options->connections + slot->index;
        Answered++;
        if (request >= First && request < Last)
            Latencies[LatencyCount++] = (uint32_t)(now_ns() - due_ns(request));
    }
}

static void send_due(const struct slot *slots)
{
    static const uint8_t request[REQUEST_BYTES_MAX];
    for (; Sent < Last && due_ns(Sent) <= now_ns(); Sent++) {
        int fd = slots[Sent % (uint64_t)Options->connections].fd;
        if (send(fd, request, Options->request_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)Options->request_bytes)
            die("send: the answers are too far behind");
    }
}

static void await(int epoll, int64_t until)
{
    int64_t rest = until - now_ns();
    struct timespec timeout = { .tv_sec = rest > 0 ? rest / 1000000000 : 0, .tv_nsec = rest > 0 ? rest % 1000000000 : 0 };
    struct epoll_event events[BATCH];
    int count = epoll_pwait2(epoll, events, BATCH, &timeout, NULL);
    for (int i = 0; i < count; i++)
        read_answers(events[i].data.ptr);
}

static int compare_latencies(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static double percentile_us(double share)
{
    return LatencyCount == 0 ? 0 : Latencies[(size_t)(share * (double)(LatencyCount - 1))] / 1e3;
}

int run_paced_client(const struct options *options)
{
    Options = options;
    if (options->rate <= 0 || options->request_bytes > REQUEST_BYTES_MAX || options->response_bytes == 0) {
        fprintf(stderr, "load client: paced needs a rate, requests of at most %d bytes and answers\n", REQUEST_BYTES_MAX);
        return 2;
    }
    // Timers of ordinary processes may be 50 µs late by design.
    prctl(PR_SET_TIMERSLACK, 1UL);
    struct hello hello;
    hello_build(&hello, options->sni, options->sni_count);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct slot *slots = calloc((size_t)options->connections, sizeof *slots);
    for (int i = 0; i < options->connections; i++) {
        slots[i].index = (uint64_t)i;
        open_slot(epoll, &slots[i], &hello);
    }
    Interval = (int64_t)(1e9 / options->rate);
    First = (uint64_t)(options->warmup_seconds * options->rate);
    Last = First + (uint64_t)(options->seconds * options->rate);
    Latencies = calloc(Last - First + 1, sizeof *Latencies);
    Begin = now_ns();
    while (Sent < Last) {
        await(epoll, due_ns(Sent));
        send_due(slots);
    }
    for (int64_t end = now_ns() + LastAnswersNs; Answered < Sent && now_ns() < end;)
        await(epoll, end);
    qsort(Latencies, LatencyCount, sizeof *Latencies, compare_latencies);
    printf("{\"mode\":\"paced\",\"connections\":%d,\"seconds\":%.6f,\"units\":%llu,\"failed\":%llu,"
           "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f}\n",
           options->connections, options->seconds, (unsigned long long)LatencyCount, (unsigned long long)(Sent - Answered),
           percentile_us(0.5), percentile_us(0.99), percentile_us(0.999));
    return 0;
}

// The client: keeps C connections busy and counts units (connections, bytes, round trips) inside a window of time.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, DRAIN_BYTES = 1024 * 1024, LATENCIES_MAX = 4 * 1024 * 1024, FAILURES_MAX = 1000 };

enum kind { CONN, BULK, PING };

struct slot {
    int fd;
    bool hello_sent;
    uint64_t received;       // Of this connection (conn) or this answer (ping).
    int64_t began_ns;
};

static const struct options *Options;
static enum kind Kind;
static int Epoll;
static struct hello Hello;
static bool Measuring;
static uint64_t Units, Bytes, Failures;
static struct latencies Latencies;
static uint8_t Buffer[DRAIN_BYTES];

static void count_unit(struct slot *slot)
{
    int64_t now = now_ns();
    if (Measuring) {
        Units++;
        latencies_add(&Latencies, now - slot->began_ns);
    }
    slot->began_ns = now;
}

static bool send_request(struct slot *slot)
{
    slot->received = 0;
    return send(slot->fd, Buffer, Options->request_bytes, MSG_NOSIGNAL) == (ssize_t)Options->request_bytes;
}

// True unless the connection has failed; the handshake may still be under way.
static bool send_hello(struct slot *slot)
{
    hello_next_name(&Hello);
    ssize_t sent = send(slot->fd, Hello.bytes, Hello.length, MSG_NOSIGNAL);
    if (sent < 0)
        return errno == EAGAIN;
    slot->hello_sent = true;
    return sent == (ssize_t)Hello.length && (Kind != PING || send_request(slot));
}

static bool open_slot(struct slot *slot)
{
    *slot = (struct slot){ .fd = tcp_socket(SOCK_NONBLOCK), .began_ns = now_ns() };
    int on = 1;
    if (Kind == PING)
        setsockopt(slot->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(slot->fd, (const struct sockaddr *)&Options->address, sizeof Options->address) < 0 && errno != EINPROGRESS)
        return false;
    // On loopback the handshake is over when connect returns, whatever errno says.
    return send_hello(slot) && epoll_add(Epoll, slot->fd, slot->hello_sent ? EPOLLIN : EPOLLIN | EPOLLOUT, slot) == 0;
}

static void reopen(struct slot *slot, bool failed)
{
    if (slot->fd >= 0)
        close(slot->fd);
    Failures += failed;
    while (!open_slot(slot) && ++Failures < FAILURES_MAX)
        close(slot->fd);
}

static bool finish_connecting(struct slot *slot)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = slot };
    return send_hello(slot) && slot->hello_sent && epoll_ctl(Epoll, EPOLL_CTL_MOD, slot->fd, &event) == 0;
}

static void read_conn(struct slot *slot)
{
    for (;;) {
        ssize_t got = recv(slot->fd, Buffer, sizeof Buffer, 0);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            bool complete = got == 0 && slot->received == Options->response_bytes;
            if (complete)
                count_unit(slot);
            reopen(slot, !complete);
            return;
        }
        slot->received += (uint64_t)got;
        if (Measuring)
            Bytes += (uint64_t)got;
        // Short of everything there can be nothing more: the next event brings the rest or the end.
        if (slot->received < Options->response_bytes)
            return;
    }
}

static void read_bulk(struct slot *slot)
{
    ssize_t got = recv(slot->fd, Buffer, sizeof Buffer, MSG_TRUNC);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0)
        reopen(slot, true);
    else if (Measuring)
        Bytes += (uint64_t)got;
}

static void read_ping(struct slot *slot)
{
    ssize_t got = recv(slot->fd, Buffer, sizeof Buffer, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    slot->received += got > 0 ? (uint64_t)got : 0;
    bool lives = got > 0 && slot->received <= Options->response_bytes;
    if (lives && Measuring)
        Bytes += (uint64_t)got;
    if (lives && slot->received == Options->response_bytes) {
        count_unit(slot);
        lives = send_request(slot);
    }
    if (!lives)
        reopen(slot, true);
}

static void serve(struct slot *slot)
{
    if (!slot->hello_sent) {
        if (!finish_connecting(slot))
            reopen(slot, true);
    } else if (Kind == CONN)
        read_conn(slot);
    else if (Kind == BULK)
        read_bulk(slot);
    else
        read_ping(slot);
}

static void report(double seconds, int64_t cpu_ns)
{
    latencies_sort(&Latencies);
    printf("{\"mode\":\"%s\",\"connections\":%d,\"seconds\":%.6f,\"units\":%llu,\"bytes\":%llu,\"failed\":%llu,"
           "\"p50_us\":%.1f,\"p99_us\":%.1f,\"cpu_ns\":%lld}\n",
           Options->mode, Options->connections, seconds, (unsigned long long)Units, (unsigned long long)Bytes,
           (unsigned long long)Failures, percentile_us(&Latencies, 0.5), percentile_us(&Latencies, 0.99), (long long)cpu_ns);
}

static void turn(int64_t now, int64_t until)
{
    struct epoll_event events[BATCH];
    int count = epoll_wait(Epoll, events, BATCH, (int)((until - now) / 1000000) + 1);
    for (int i = 0; i < count; i++)
        serve(events[i].data.ptr);
}

int run_client(const struct options *options)
{
    Options = options;
    Kind = strcmp(options->mode, "conn") == 0 ? CONN : strcmp(options->mode, "bulk") == 0 ? BULK : PING;
    if (Kind == PING && (strcmp(options->mode, "ping") != 0 || options->request_bytes > sizeof Buffer)) {
        fprintf(stderr, "load client: mode is conn, bulk, ping, idle, paced or paced-conn\n");
        return 2;
    }
    hello_build(&Hello, options->sni, options->sni_count);
    Latencies = latencies_new(LATENCIES_MAX);
    Epoll = epoll_create1(EPOLL_CLOEXEC);
    struct slot *slots = calloc((size_t)options->connections, sizeof *slots);
    for (int i = 0; i < options->connections; i++) {
        slots[i].fd = -1;
        reopen(&slots[i], false);
    }
    int64_t begin = now_ns() + (int64_t)(options->warmup_seconds * 1e9);
    for (int64_t now; (now = now_ns()) < begin && Failures < FAILURES_MAX;)
        turn(now, begin);

    Measuring = true;
    int64_t cpu = watched_cpu_ns(options);
    begin = now_ns();
    int64_t end = begin + (int64_t)(options->seconds * 1e9), now;
    while ((now = now_ns()) < end && Failures < FAILURES_MAX && (options->units == 0 || Units < options->units))
        turn(now, end);
    cpu = watched_cpu_ns(options) - cpu;
    report((double)(now_ns() - begin) / 1e9, cpu);
    return Failures < FAILURES_MAX ? 0 : 1;
}

// The paced client: round trips on kept connections (paced), or short connections (paced-conn), that begin at fixed times, whatever the answers do
// (open loop). A latency counts from when its request was due, so that a stall shows in every request it delays and not in one alone.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, REQUEST_BYTES_MAX = 4096, READ_BYTES = 64 * 1024 };

static const int64_t LastAnswersNs = 2000000000;

// Request k is due at Begin + k × Interval. Kept connections take it in turn; a short connection is one request.
struct slot {
    int fd;
    bool hello_sent;
    uint64_t request;          // Which one the next answer belongs to.
    uint64_t received;         // Bytes of that answer.
};

static const struct options *Options;
static int Epoll;
static struct hello Hello;
static struct slot *Kept;          // null = short connections.
static int64_t Begin, Interval;
static uint64_t First, Last;       // The measured requests: First <= k < Last.
static uint64_t Sent, Answered;
static struct latencies Latencies, Delays;

static bool is_measured(uint64_t request)
{
    return request >= First && request < Last;
}

static int64_t due_ns(uint64_t request)
{
    return Begin + (int64_t)request * Interval;
}

// Where the handshake is still under way, the hello leaves once there is room.
static void send_hello(struct slot *slot)
{
    hello_next_name(&Hello);
    slot->hello_sent = send(slot->fd, Hello.bytes, Hello.length, MSG_NOSIGNAL) == (ssize_t)Hello.length;
}

static void open_slot(struct slot *slot)
{
    int on = 1;
    slot->fd = tcp_socket(Kept == NULL ? SOCK_NONBLOCK : 0);
    if (Kept != NULL)
        setsockopt(slot->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(slot->fd, (const struct sockaddr *)&Options->address, sizeof Options->address) < 0 && errno != EINPROGRESS)
        die("connect");
    send_hello(slot);
    if (epoll_add(Epoll, slot->fd, slot->hello_sent ? EPOLLIN : EPOLLIN | EPOLLOUT, slot) < 0)
        die("epoll_ctl");
}

static void finish_connecting(struct slot *slot)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = slot };
    send_hello(slot);
    if (slot->hello_sent)
        epoll_ctl(Epoll, EPOLL_CTL_MOD, slot->fd, &event);
}

static void take_answer(const struct slot *slot)
{
    Answered++;
    if (is_measured(slot->request))
        latencies_add(&Latencies, now_ns() - due_ns(slot->request));
}

static void read_kept(struct slot *slot, ssize_t got)
{
    if (got <= 0) {
        fprintf(stderr, "load client: a connection was lost\n");
        exit(1);
    }
    slot->received += (uint64_t)got;
    for (; slot->received >= Options->response_bytes; slot->received -= Options->response_bytes) {
        take_answer(slot);
        slot->request += (uint64_t)Options->connections;
    }
}

// Until its end. One that fails, or ends early, is not counted as answered.
static void read_short(struct slot *slot, ssize_t got)
{
    if (got > 0) {
        slot->received += (uint64_t)got;
        return;
    }
    if (got == 0 && slot->received == Options->response_bytes)
        take_answer(slot);
    close(slot->fd);
    free(slot);
}

static void serve(struct slot *slot)
{
    static uint8_t buffer[READ_BYTES];
    if (!slot->hello_sent)
        finish_connecting(slot);
    ssize_t got = recv(slot->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN)
        return;
    if (Kept == NULL)
        read_short(slot, got);
    else
        read_kept(slot, got);
}

static void begin_request(uint64_t request)
{
    static const uint8_t bytes[REQUEST_BYTES_MAX];
    if (Kept == NULL) {
        struct slot *slot = calloc(1, sizeof *slot);
        slot->request = request;
        open_slot(slot);
        return;
    }
    int fd = Kept[request % (uint64_t)Options->connections].fd;
    if (send(fd, bytes, Options->request_bytes, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)Options->request_bytes)
        die("send: the answers are too far behind");
}

static void begin_due(uint64_t until)
{
    int64_t now;
    // A client that is late reads answers in between.
    for (int turn = 0; turn < BATCH && Sent < until && due_ns(Sent) <= (now = now_ns()); turn++, Sent++) {
        if (is_measured(Sent))
            latencies_add(&Delays, now - due_ns(Sent));
        begin_request(Sent);
    }
}

static void await(int64_t until)
{
    int64_t rest = until - now_ns();
    struct timespec timeout = { .tv_sec = rest > 0 ? rest / 1000000000 : 0, .tv_nsec = rest > 0 ? rest % 1000000000 : 0 };
    struct epoll_event events[BATCH];
    int count = epoll_pwait2(Epoll, events, BATCH, &timeout, NULL);
    for (int i = 0; i < count; i++)
        serve(events[i].data.ptr);
}

static void run_until(uint64_t request)
{
    while (Sent < request) {
        await(due_ns(Sent));
        begin_due(request);
    }
}

static void open_kept(void)
{
    Kept = calloc((size_t)Options->connections, sizeof *Kept);
    for (int i = 0; i < Options->connections; i++) {
        Kept[i].request = (uint64_t)i;
        open_slot(&Kept[i]);
    }
}

static void report(double seconds, int64_t cpu_ns)
{
    // No answer is the latest of all.
    while (Latencies.count < Latencies.max)
        latencies_add(&Latencies, UINT32_MAX);
    latencies_sort(&Latencies);
    latencies_sort(&Delays);
    printf("{\"mode\":\"%s\",\"connections\":%d,\"seconds\":%.6f,\"units\":%llu,\"failed\":%llu,"
           "\"p50_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"late_us\":%.1f,\"cpu_ns\":%lld}\n",
           Options->mode, Options->connections, seconds, (unsigned long long)(Last - First), (unsigned long long)(Sent - Answered),
           percentile_us(&Latencies, 0.5), percentile_us(&Latencies, 0.99), percentile_us(&Latencies, 0.999),
           percentile_us(&Delays, 0.999), (long long)cpu_ns);
}

int run_paced_client(const struct options *options)
{
    bool is_short = strcmp(options->mode, "paced-conn") == 0;
    if (!is_short && strcmp(options->mode, "paced") != 0) {
        fprintf(stderr, "load client: the paced modes are paced and paced-conn\n");
        return 2;
    }
    if (options->rate <= 0 || options->request_bytes > REQUEST_BYTES_MAX || options->response_bytes == 0) {
        fprintf(stderr, "load client: paced needs a rate, requests of at most %d bytes and answers\n", REQUEST_BYTES_MAX);
        return 2;
    }
    Options = options;
    // Timers of ordinary processes may be 50 µs late by design.
    prctl(PR_SET_TIMERSLACK, 1UL);
    hello_build(&Hello, options->sni, options->sni_count);
    Epoll = epoll_create1(EPOLL_CLOEXEC);
    if (!is_short)
        open_kept();
    Interval = (int64_t)(1e9 / options->rate);
    First = (uint64_t)(options->warmup_seconds * options->rate);
    Last = First + (uint64_t)(options->seconds * options->rate);
    Latencies = latencies_new(Last - First);
    Delays = latencies_new(Last - First);
    Begin = now_ns();
    run_until(First);
    int64_t cpu = watched_cpu_ns(options), window = now_ns();
    run_until(Last);
    cpu = watched_cpu_ns(options) - cpu;
    window = now_ns() - window;
    for (int64_t end = now_ns() + LastAnswersNs; Answered < Sent && now_ns() < end;)
        await(end);
    report((double)window / 1e9, cpu);
    return 0;
}

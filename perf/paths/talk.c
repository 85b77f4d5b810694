// talk: protocols in which somebody must wait, for connections that are not TLS, and for peers that stop reading.
//
//   talk serve ADDRESS PORT banner|answer [--defer SECONDS] [--twice]     greets at accept, or answers what it was sent
//   talk ask   ADDRESS PORT banner|answer [--connections N] [--seconds S] [--lazy] [--hello NAME]
//
// `serve --defer` sets TCP_DEFER_ACCEPT; `--twice` writes a line in two calls with Nagle's algorithm on, so that the second half waits for an ACK.
// `ask` opens connections, N at a time for S seconds, and prints connect → the whole line in ms: count, failed, p50, p90, p99, greatest.
// --lazy: TCP_QUICKACK 0 before connect, although nothing is sent at once with `banner`. --hello: a ClientHello is the question.
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, SLOTS_MAX = 1024, TIMES_MAX = 1 << 20, PATIENCE_SECONDS = 20 };

struct slot { int fd; bool asked; int64_t began_ns; };

static struct sockaddr_in Address;
static bool GreetsFirst, IsLazy, WritesTwice;
static int Epoll, DeferSeconds, Connections = 32;
static double Seconds = 5;
static int64_t *Times;
static size_t Count, Failed;
static struct hello Hello;

void die(const char *what)
{
    perror(what);
    exit(1);
}

int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void watch(int fd, uint32_t events, void *what, int operation)
{
    struct epoll_event event = { .events = events, .data.ptr = what };
    if (epoll_ctl(Epoll, operation, fd, &event) < 0)
        die("epoll_ctl");
}

static void answer(int fd)
{
    (void)!send(fd, "220 ", 4, MSG_NOSIGNAL | (WritesTwice ? 0 : MSG_MORE));
    (void)!send(fd, "hello\r\n", 7, MSG_NOSIGNAL);
}

static _Noreturn void serve(void)
{
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &DeferSeconds, sizeof DeferSeconds);
    if (bind(listener, (struct sockaddr *)&Address, sizeof Address) < 0 || listen(listener, 4096) < 0)
        die("listen");
    watch(listener, EPOLLIN, NULL, EPOLL_CTL_ADD);
    for (;;) {
        struct epoll_event events[BATCH];
        int count = epoll_wait(Epoll, events, BATCH, -1);
        for (int i = 0; i < count; i++) {
            intptr_t fd = (intptr_t)events[i].data.ptr;
            char bytes[4096];
            if (fd == 0) {
                while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
                    if (GreetsFirst)
                        answer((int)fd);
                    watch((int)fd, EPOLLIN, (void *)fd, EPOLL_CTL_ADD);
                }
                continue;
            }
            ssize_t got = recv((int)fd, bytes, sizeof bytes, 0);
            if (got > 0 && !GreetsFirst)
                answer((int)fd);
            if (got == 0 || (got < 0 && errno != EAGAIN))
                close((int)fd);
        }
    }
}

static void begin(struct slot *slot)
{
    int on = 1, off = 0;
    struct linger reset = { 1, 0 };
    *slot = (struct slot){ .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), .began_ns = now_ns() };
    setsockopt(slot->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // Closed with a reset: ports in TIME_WAIT would soon be the bottleneck.
    setsockopt(slot->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (IsLazy)
        setsockopt(slot->fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
    if (connect(slot->fd, (struct sockaddr *)&Address, sizeof Address) < 0 && errno != EINPROGRESS)
        die("connect");
    watch(slot->fd, GreetsFirst ? EPOLLIN : EPOLLOUT, slot, EPOLL_CTL_ADD);
}

static void finish(struct slot *slot, bool isAnswered)
{
    if (isAnswered && Count < TIMES_MAX)
        Times[Count++] = now_ns() - slot->began_ns;
    Failed += !isAnswered;
    close(slot->fd);
    begin(slot);
}

static void advance(struct slot *slot)
{
    char bytes[4096];
    if (!GreetsFirst && !slot->asked) {
        slot->asked = true;
        if (send(slot->fd, Hello.bytes, Hello.length, MSG_NOSIGNAL) != (ssize_t)Hello.length)
            finish(slot, false);
        else
            watch(slot->fd, EPOLLIN, slot, EPOLL_CTL_MOD);
        return;
    }
    ssize_t got = recv(slot->fd, bytes, sizeof bytes, 0);
    if (got > 0 ? bytes[got - 1] == '\n' : got == 0 || errno != EAGAIN)
        finish(slot, got > 0);
}

static int compare(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static double share_ms(double share) { return Count == 0 ? 0 : (double)Times[(size_t)(share * (double)(Count - 1))] / 1e6; }

static int ask(void)
{
    static struct slot slots[SLOTS_MAX];
    Times = calloc(TIMES_MAX, sizeof *Times);
    int64_t end = now_ns() + (int64_t)(Seconds * 1e9), now;
    for (int i = 0; i < Connections; i++)
        begin(&slots[i]);
    while ((now = now_ns()) < end) {
        struct epoll_event events[BATCH];
        int count = epoll_wait(Epoll, events, BATCH, (int)((end - now) / 1000000) + 1);
        for (int i = 0; i < count; i++)
            advance(events[i].data.ptr);
        for (int i = 0; i < Connections; i++)
            if (now - slots[i].began_ns > PATIENCE_SECONDS * 1000000000LL)
                finish(&slots[i], false);
    }
    qsort(Times, Count, sizeof *Times, compare);
    printf("count %zu failed %zu p50 %.2f p90 %.2f p99 %.2f max %.2f\n", Count, Failed, share_ms(0.5), share_ms(0.9), share_ms(0.99), share_ms(1));
    return Count > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    Address = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3])) };
    inet_pton(AF_INET, argv[2], &Address.sin_addr);
    memcpy(Hello.bytes, "question\r\n", Hello.length = 10);
    GreetsFirst = strcmp(argv[4], "banner") == 0;
    for (int i = 5; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "--lazy") == 0)
            IsLazy = true;
        else if (strcmp(argv[i], "--twice") == 0)
            WritesTwice = true;
        else if (strcmp(argv[i], "--hello") == 0)
            hello_build(&Hello, value, 0), i++;
        else if (strcmp(argv[i], "--defer") == 0)
            DeferSeconds = atoi(value), i++;
        else if (strcmp(argv[i], "--connections") == 0)
            Connections = atoi(value), i++;
        else if (strcmp(argv[i], "--seconds") == 0)
            Seconds = atof(value), i++;
        else
            return 2;
    }
    if (Connections > SLOTS_MAX)
        return 2;
    Epoll = epoll_create1(EPOLL_CLOEXEC);
    if (strcmp(argv[1], "serve") == 0)
        serve();
    return ask();
}

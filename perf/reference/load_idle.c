// The idle client: brings up N connections end to end (the backend answers each hello with a byte), says so, and holds them.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OPENING_MAX = 64, BATCH = 64, PATIENCE_MS = 10000 };

static int open_one(int epoll, struct hello *hello, const struct sockaddr_in *address)
{
    int fd = tcp_socket(0);
    // Blocking: over loopback this takes as long as the handshake itself.
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0)
        die("connect");
    hello_next_name(hello);
    if (send(fd, hello->bytes, hello->length, MSG_NOSIGNAL) != (ssize_t)hello->length)
        die("send");
    if (epoll_add(epoll, fd, EPOLLIN, (void *)(intptr_t)fd) < 0)
        die("epoll_ctl");
    return fd;
}

// Until stdin ends or the time is up; the connections stay silent meanwhile.
static void hold(double seconds)
{
    struct pollfd input = { .fd = 0, .events = POLLIN };
    poll(&input, 1, (int)(seconds * 1000));
}

int run_idle_client(const struct options *options)
{
    struct hello hello;
    hello_build(&hello, options->sni, options->sni_count);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int opened = 0, ready = 0;
    while (ready < options->connections) {
        for (; opened < options->connections && opened - ready < OPENING_MAX; opened++)
            open_one(epoll, &hello, &options->address);
        struct epoll_event events[BATCH];
        int count = epoll_wait(epoll, events, BATCH, PATIENCE_MS);
        if (count <= 0) {
            fprintf(stderr, "load client: %d of %d connections were not answered\n", opened - ready, opened);
            return 1;
        }
        for (int i = 0; i < count; i++) {
            int fd = (int)(intptr_t)events[i].data.ptr;
            char greeting;
            if (recv(fd, &greeting, 1, 0) != 1) {
                fprintf(stderr, "load client: connection %d was closed\n", ready);
                return 1;
            }
            epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
            ready++;
        }
    }
    printf("{\"mode\":\"idle\",\"connections\":%d,\"ready\":%d}\n", options->connections, ready);
    fflush(stdout);
    hold(options->seconds);
    return 0;
}

// patience: how long the kernel keeps a connection whose peer takes nothing more.
//
//   patience sink ADDRESS PORT pause|read                        never reads, or reads all
//   patience send ADDRESS PORT LABEL SECONDS [OPTION VALUE]...   one more kB every 100 ms; for SECONDS, or until the kernel cuts it
//
// OPTION is a number of IPPROTO_TCP's: 18 TCP_USER_TIMEOUT (ms), 44 TCP_RTO_MAX_MS (Linux 6.15). Prints "LABEL cut after S s: why" or "LABEL lives".
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64 };

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static _Noreturn void sink(const struct sockaddr_in *address, bool reads)
{
    struct pollfd sockets[CONNECTIONS_MAX] = { { .events = POLLIN } };
    int on = 1, count = 1, listener = sockets[0].fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    int small = 4096;   // The window of one who does not read shuts at once.
    if (!reads)
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (bind(listener, (const struct sockaddr *)address, sizeof *address) < 0 || listen(listener, CONNECTIONS_MAX) < 0)
        die("listen");
    for (;;) {
        static char bytes[65536];
        poll(sockets, (nfds_t)count, -1);
        for (int i = 1; i < count; i++)
            if (sockets[i].revents != 0 && recv(sockets[i].fd, bytes, sizeof bytes, MSG_DONTWAIT) <= 0)
                sockets[i].fd = -1;
        if (sockets[0].revents != 0 && count < CONNECTIONS_MAX)
            sockets[count++] = (struct pollfd){ .fd = accept(listener, NULL, NULL), .events = reads ? POLLIN : 0 };
    }
}

static int send_on(const struct sockaddr_in *address, const char *label, double seconds, char **options, int count)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    for (int i = 0; i + 1 < count; i += 2) {
        int value = atoi(options[i + 1]);
        if (setsockopt(fd, IPPROTO_TCP, atoi(options[i]), &value, sizeof value) < 0)
            die("setsockopt");
    }
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) < 0)
        die("connect");
    double began = now_seconds(), progressed = began;
    __u64 taken = 0;
    while (now_seconds() - began < seconds) {
        static const char bytes[1024];
        struct tcp_info info;
        socklen_t length = sizeof info;
        ssize_t sent = send(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            printf("%s: cut after %.0f s of silence or zero window: %s\n", label, now_seconds() - progressed, strerror(errno));
            return 0;
        }
        // The time that counts begins with the last byte that the peer took.
        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 && info.tcpi_bytes_acked != taken) {
            taken = info.tcpi_bytes_acked;
            progressed = now_seconds();
        }
        usleep(100000);
    }
    printf("%s: lives after %.0f s of silence or zero window\n", label, now_seconds() - progressed);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[3])) };
    inet_pton(AF_INET, argv[2], &address.sin_addr);
    if (strcmp(argv[1], "sink") == 0)
        sink(&address, strcmp(argv[4], "read") == 0);
    return argc < 6 ? 2 : send_on(&address, argv[4], atof(argv[5]), argv + 6, argc - 6);
}

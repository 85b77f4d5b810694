// steer: who gets a new connection where several sockets listen on one address (SO_REUSEPORT).
//
//   steer spread SOCKETS CONNECTIONS SOURCES [cpu]   connects from 127.0.1.1, 127.0.1.2, … in turn and prints how many each socket got
//   steer attach PID PORT SOCKETS                    steers the sockets that a running process listens with by CPU, from outside
//
// By CPU means SO_ATTACH_REUSEPORT_CBPF (socket(7)) with "the CPU that took the packet, modulo SOCKETS"; else the kernel hashes addresses and ports.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SOCKETS_MAX = 64 };

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void steer_by_cpu(int listener, uint32_t sockets)
{
    struct sock_filter code[] = {
        { BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)(SKF_AD_OFF + SKF_AD_CPU) },
        { BPF_ALU | BPF_MOD | BPF_K, 0, 0, sockets },
        { BPF_RET | BPF_A, 0, 0, 0 },
    };
    struct sock_fprog program = { sizeof code / sizeof *code, code };
    if (setsockopt(listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program) < 0)
        die("SO_ATTACH_REUSEPORT_CBPF");
}

static int spread(int sockets, int connections, int sources, bool by_cpu)
{
    struct pollfd listeners[SOCKETS_MAX] = { { .fd = -1 } };
    int taken[SOCKETS_MAX] = { 0 }, on = 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001) };
    socklen_t length = sizeof address;
    for (int i = 0; i < sockets; i++) {
        listeners[i] = (struct pollfd){ .fd = socket(AF_INET, SOCK_STREAM, 0), .events = POLLIN };
        setsockopt(listeners[i].fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        if (bind(listeners[i].fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(listeners[i].fd, 128) < 0)
            die("listen");
        getsockname(listeners[i].fd, (struct sockaddr *)&address, &length);
    }
    if (by_cpu)
        steer_by_cpu(listeners[0].fd, (uint32_t)sockets);
    for (int i = 0; i < connections; i++) {
        struct sockaddr_in source = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000101 + (uint32_t)(i % sources)) };
        struct linger reset = { 1, 0 };
        int client = socket(AF_INET, SOCK_STREAM, 0);
        // A reset leaves no TIME_WAIT, so the ports of one address last for ever.
        setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        if (bind(client, (struct sockaddr *)&source, sizeof source) < 0 || connect(client, (struct sockaddr *)&address, sizeof address) < 0)
            die("connect");
        poll(listeners, (nfds_t)sockets, 1000);
        for (int j = 0; j < sockets; j++)
            if (listeners[j].revents != 0) {
                close(accept(listeners[j].fd, NULL, NULL));
                taken[j]++;
            }
        close(client);
    }
    for (int i = 0; i < sockets; i++)
        printf("%d ", taken[i]);
    puts("");
    return 0;
}

static int attach(int pid, int port, int sockets)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *folder = opendir(path);
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    if (folder == NULL || process < 0)
        die(path);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct sockaddr_in address = { 0 };
        socklen_t length = sizeof address;
        int listens = 0, fd = (int)syscall(SYS_pidfd_getfd, process, atoi(entry->d_name), 0);
        bool fits = fd >= 0 && getsockname(fd, (struct sockaddr *)&address, &length) == 0 && address.sin_family == AF_INET && ntohs(address.sin_port) == port;
        length = sizeof listens;
        // One of them speaks for all.
        if (fits && getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0 && listens) {
            steer_by_cpu(fd, (uint32_t)sockets);
            return 0;
        }
        close(fd);
    }
    fprintf(stderr, "steer: process %d does not listen on port %d\n", pid, port);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "attach") == 0)
        return attach(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
    if (argc >= 5 && strcmp(argv[1], "spread") == 0 && atoi(argv[2]) <= SOCKETS_MAX)
        return spread(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), argc == 6);
    return 2;
}

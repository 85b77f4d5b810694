// The start role: runs a program and takes the time until its port is open and until its first answer has come through.
// The program stays up until stdin ends, so that its memory at rest can be read meanwhile.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RETRY_US = 100, POLITE_MS = 3000 };

static pid_t spawn(const struct options *options)
{
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child > 0)
        return child;
    if (options->cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET((size_t)options->cpu, &set);
        if (sched_setaffinity(0, sizeof set, &set) < 0)
            die("sched_setaffinity");
    }
    alarm(0);
    dup2(2, 1);    // stdout carries the answer of this program only.
    execvp(options->command[0], options->command);
    die(options->command[0]);
}

// One exchange: 0 = the port is closed, 1 = connected but not answered in full, 2 = answered.
static int try_exchange(const struct options *options, struct hello *hello, int64_t *connected_ns)
{
    int fd = tcp_socket(0), reached = 0;
    // A connection that is accepted and then forgotten must not hold up the next try.
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){ .tv_sec = 1 }, sizeof(struct timeval));
    if (connect(fd, (const struct sockaddr *)&options->address, sizeof options->address) == 0) {
        reached = 1;
        if (*connected_ns == 0)
            *connected_ns = now_ns();
        hello_next_name(hello);
        if (send(fd, hello->bytes, hello->length, MSG_NOSIGNAL) == (ssize_t)hello->length) {
            uint8_t answer[65536];
            uint64_t received = 0;
            ssize_t got;
            while (received < options->response_bytes && (got = recv(fd, answer, sizeof answer, 0)) > 0)
                received += (uint64_t)got;
            reached = received == options->response_bytes ? 2 : 1;
        }
    }
    close(fd);
    return reached;
}

static void end_program(pid_t child)
{
    kill(child, SIGTERM);
    for (int waited = 0; waited < POLITE_MS; waited += 10) {
        if (waitpid(child, NULL, WNOHANG) == child)
            return;
        usleep(10000);
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

int run_start(const struct options *options)
{
    if (options->command[0] == NULL) {
        fprintf(stderr, "load start: no program\n");
        return 2;
    }
    struct hello hello;
    hello_build(&hello, options->sni, options->sni_count);
    int64_t began = now_ns(), connected = 0, deadline = began + (int64_t)(options->seconds * 1e9);
    pid_t child = spawn(options);
    while (try_exchange(options, &hello, &connected) != 2) {
        if (waitpid(child, NULL, WNOHANG) == child || now_ns() > deadline) {
            fprintf(stderr, "load start: %s never answered\n", options->command[0]);
            end_program(child);
            return 1;
        }
        usleep(RETRY_US);
    }
    int64_t answered = now_ns();
    printf("{\"mode\":\"start\",\"pid\":%d,\"listening_ms\":%.3f,\"answered_ms\":%.3f}\n", child, (double)(connected - began) / 1e6, (double)(answered - began) / 1e6);
    fflush(stdout);
    struct pollfd input = { .fd = 0, .events = POLLIN };
    poll(&input, 1, (int)(options->seconds * 1000));
    end_program(child);
    return 0;
}

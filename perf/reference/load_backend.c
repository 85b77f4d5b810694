// The backend: reads the PROXY header (if told) and the ClientHello, then owes bytes according to its mode.
#define _GNU_SOURCE
#include "load.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256, CHUNK_BYTES = 256 * 1024, SENDS_A_TURN = 4 };

struct session {
    int fd;
    bool greeted;                    // The whole preface has come.
    uint32_t watched;                // Events it is registered for; 0 = not registered yet.
    uint64_t owed, unanswered;       // Bytes to send; bytes of a request that is not complete yet.
    size_t preface_length;
    uint8_t preface[HELLO_MAX_BYTES + 256];
};

static const struct options *Options;
static int Epoll;
static bool Closes, Streams, Echoes;
static uint8_t Chunk[CHUNK_BYTES];

static void end_session(struct session *session)
{
    close(session->fd);
    free(session);
}

static void watch(struct session *session, uint32_t events)
{
    if (session->watched == events)
        return;
    struct epoll_event event = { .events = events, .data.ptr = session };
    if (epoll_ctl(Epoll, session->watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, session->fd, &event) < 0)
        die("epoll_ctl");
    session->watched = events;
}

// Sends what is owed; false once the session is over.
static bool pay(struct session *session)
{
    for (int turn = 0; session->owed > 0 && turn < SENDS_A_TURN; turn++) {
        size_t length = session->owed < CHUNK_BYTES ? session->owed : CHUNK_BYTES;
        ssize_t sent = send(session->fd, Chunk, length, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN)
            return false;
        if (sent < 0)
            break;
        session->owed -= (uint64_t)sent;
    }
    if (session->owed == 0 && (Closes || Streams))
        return false;
    watch(session, session->owed > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
    return true;
}

static void take_requests(struct session *session, size_t length)
{
    session->unanswered += length;
    if (!Echoes)
        return;
    session->owed += session->unanswered / Options->request_bytes * Options->response_bytes;
    session->unanswered %= Options->request_bytes;
}

static bool read_preface(struct session *session)
{
    ssize_t got = recv(session->fd, session->preface + session->preface_length, sizeof session->preface - session->preface_length, 0);
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    session->preface_length += (size_t)got;
    long length = preface_length(session->preface, session->preface_length, Options->expects_proxy);
    if (length == 0)
        return session->preface_length < sizeof session->preface;
    if (length < 0) {
        fprintf(stderr, "load backend: no %sClientHello\n", Options->expects_proxy ? "PROXY header and " : "");
        return false;
    }
    session->greeted = true;
    session->owed = Echoes ? 0 : Streams && Options->response_bytes == 0 ? UINT64_MAX : Options->response_bytes;
    take_requests(session, session->preface_length - (size_t)length);
    return pay(session);
}

static bool read_requests(struct session *session)
{
    static uint8_t buffer[CHUNK_BYTES];
    ssize_t got = recv(session->fd, buffer, sizeof buffer, 0);
    if (got <= 0)
        return got < 0 && errno == EAGAIN;
    take_requests(session, (size_t)got);
    return pay(session);
}

static void serve(struct session *session, uint32_t events)
{
    bool lives = true;
    if (events & (EPOLLIN | EPOLLERR | EPOLLHUP))
        lives = session->greeted ? read_requests(session) : read_preface(session);
    if (lives && (events & EPOLLOUT))
        lives = pay(session);
    if (!lives)
        end_session(session);
}

static void accept_all(int listener)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct session *session = calloc(1, sizeof *session);
        session->fd = fd;
        // The hello of a forwarded connection is usually here already, which saves one turn and often the registration.
        if (!read_preface(session))
            end_session(session);
        else if (session->watched == 0)
            watch(session, EPOLLIN);
    }
}

static int listen_at(const struct sockaddr_in *address)
{
    int listener = tcp_socket(SOCK_NONBLOCK);
    int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);    // A second backend may take half of the connections.
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(listener, (const struct sockaddr *)address, sizeof *address) < 0)
        die("bind");
    if (listen(listener, 16384) < 0)
        die("listen");
    return listener;
}

int run_backend(const struct options *options)
{
    Options = options;
    Closes = strcmp(options->mode, "close") == 0;
    Streams = strcmp(options->mode, "stream") == 0;
    Echoes = strcmp(options->mode, "echo") == 0;
    if (!Closes && !Streams && !Echoes && strcmp(options->mode, "hold") != 0) {
        fprintf(stderr, "load backend: mode is close, stream, echo or hold\n");
        return 2;
    }
    Epoll = epoll_create1(EPOLL_CLOEXEC);
    int listener = listen_at(&options->address);
    epoll_add(Epoll, listener, EPOLLIN, NULL);
    int64_t end = now_ns() + (int64_t)(options->seconds * 1e9);
    while (now_ns() < end) {
        struct epoll_event events[BATCH];
        int count = epoll_wait(Epoll, events, BATCH, 1000);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                accept_all(listener);
            else
                serve(events[i].data.ptr, events[i].events);
        }
    }
    return 0;
}

// limit.c: options, the loop and the sessions. What limit is: see limit.h.
#define _GNU_SOURCE
#include "limit.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256 };

struct session {
    struct side client, backend;
    struct flow up, down;
    struct session *next;        // In the dead list or in the list of those whose visit was cut short.
    bool dead, again;
};

int Epoll, PipeBytes = 1024 * 1024;
enum pump_mode Mode;
uint8_t Buffer[PROXY_BYTES + COPY_BYTES];
static bool SendsProxy, AcksLazily;
static struct sockaddr_in Listen, Backend;
static struct session *Dead, *Again;

void die(const char *what)
{
    perror(what);
    exit(1);
}

static void end_session(struct session *session)
{
    if (session->dead)
        return;
    session->dead = true;
    close(session->client.fd);
    if (session->backend.fd >= 0)
        close(session->backend.fd);
    drop_flow(&session->up);
    drop_flow(&session->down);
    // Freed after the batch: an event of its other side may still be in there.
    if (!session->again) {
        session->next = Dead;
        Dead = session;
    }
}

static bool pass_end(struct flow *flow, struct side *target)
{
    bool passes = flow->ended && flow->held == 0 && !flow->shut;
    flow->shut |= passes;
    return passes && target->fd >= 0;
}

static void run_session(struct session *session)
{
    enum pumped up = pump(&session->up, &session->client, &session->backend);
    enum pumped down = up == BROKEN ? BROKEN : pump(&session->down, &session->backend, &session->client);
    bool shut_backend = pass_end(&session->up, &session->backend), shut_client = pass_end(&session->down, &session->client);
    if (down == BROKEN || (session->up.shut && session->down.shut)) {
        end_session(session);
        return;
    }
    if (shut_backend)
        shutdown(session->backend.fd, SHUT_WR);
    if (shut_client)
        shutdown(session->client.fd, SHUT_WR);
    if ((up == CUT_SHORT || down == CUT_SHORT) && !session->again) {
        session->again = true;
        session->next = Again;
        Again = session;
    }
}

static void run_again(void)
{
    struct session *session = Again;
    Again = NULL;
    while (session != NULL) {
        struct session *next = session->next;
        session->again = false;
        if (session->dead) {
            session->next = Dead;
            Dead = session;
        } else
            run_session(session);
        session = next;
    }
}

// PROXY v2 over IPv4: the client's address and ours.
static void write_proxy_header(uint8_t *header, const struct sockaddr_in *client)
{
    memcpy(header, "\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0c", 16);
    memcpy(header + 16, &client->sin_addr, 4);
    memcpy(header + 20, &Listen.sin_addr, 4);
    memcpy(header + 24, &client->sin_port, 2);
    memcpy(header + 26, &Listen.sin_port, 2);
}

static bool connect_backend(struct session *session, const uint8_t *bytes, size_t length)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1, off = 0;
    if (fd < 0)
        return false;
    session->backend = (struct side){ .session = session, .fd = fd };
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    // The handshake's ACK then travels with the hello: one packet less.
    if (AcksLazily)
        setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
    if (connect(fd, (struct sockaddr *)&Backend, sizeof Backend) < 0 && errno != EINPROGRESS)
        return false;
    ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        return false;
    session->backend.writable = sent == (ssize_t)length;
    if (!session->backend.writable)
        keep_rest(&session->up, bytes + (sent < 0 ? 0 : sent), length - (size_t)(sent < 0 ? 0 : sent));
    session->backend.watches_room = !session->backend.writable;
    return watch(&session->backend, session->backend.watches_room ? EPOLLOUT : 0, EPOLL_CTL_ADD);
}

// The hello is read whole or, rarely, in pieces that wait in `rest`. False = refuse.
static bool read_hello(struct session *session, const struct sockaddr_in *address)
{
    struct flow *up = &session->up;
    uint8_t *hello = Buffer + PROXY_BYTES;
    if (up->held > 0)
        memcpy(hello, up->rest, up->held);
    ssize_t got = recv(session->client.fd, hello + up->held, COPY_BYTES - up->held, 0);
    if (got <= 0)
        return is_would_block(got);
    size_t length = up->held + (size_t)got;
    // What came with the hello and is still in the socket brings no other edge.
    session->client.readable = length == COPY_BYTES || session->client.closed;
    free(up->rest);
    up->rest = NULL, up->held = 0;
    size_t wanted = length < 5 ? length + 1 : 5 + ((size_t)hello[3] << 8 | hello[4]);
    if (hello[0] != 0x16)
        return false;
    if (length < wanted) {
        keep_rest(up, hello, length);
        return true;
    }
    if (!has_route(hello, wanted))
        return false;
    if (!SendsProxy)
        return connect_backend(session, hello, length);
    struct sockaddr_in client;
    socklen_t size = sizeof client;
    if (address == NULL && getpeername(session->client.fd, (struct sockaddr *)&client, &size) < 0)
        return false;
    write_proxy_header(Buffer, address == NULL ? &client : address);
    return connect_backend(session, Buffer, PROXY_BYTES + length);
}

static void accept_all(int listener)
{
    for (;;) {
        struct sockaddr_in address;
        socklen_t size = sizeof address;
        int fd = accept4(listener, (struct sockaddr *)&address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        struct session *session = calloc(1, sizeof *session);
        session->client = (struct side){ .session = session, .fd = fd, .writable = true };
        session->backend.fd = -1;
        if (!read_hello(session, &address) || !watch(&session->client, 0, EPOLL_CTL_ADD))
            end_session(session);
    }
}

static void serve(struct side *side, uint32_t events)
{
    struct session *session = side->session;
    if (session->dead)
        return;
    side->readable |= (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    side->closed |= (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    side->finished |= (events & (EPOLLRDHUP | EPOLLERR)) == EPOLLRDHUP;
    side->writable |= (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
    if (session->backend.fd < 0) {
        if (!read_hello(session, NULL)) {
            end_session(session);
            return;
        }
        if (session->backend.fd < 0)
            return;
    }
    run_session(session);
}

static void bury_dead(void)
{
    while (Dead != NULL) {
        struct session *session = Dead;
        Dead = session->next;
        free(session);
    }
}

static struct sockaddr_in parse_address(char *text)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    char *colon = strrchr(text, ':');
    if (colon != NULL)
        *colon = 0;
    if (colon == NULL || inet_pton(AF_INET, text, &address.sin_addr) != 1) {
        fprintf(stderr, "limit: not ADDRESS:PORT\n");
        exit(2);
    }
    address.sin_port = htons((uint16_t)atoi(colon + 1));
    return address;
}

static void parse_options(int argc, char **argv)
{
    static const struct option names[] = {
        { "listen", required_argument, NULL, 'l' },   { "backend", required_argument, NULL, 'b' }, { "names-file", required_argument, NULL, 'n' },
        { "proxy-v2", no_argument, NULL, 'p' },       { "lazy-ack", no_argument, NULL, 'a' },      { "copy", no_argument, NULL, 'c' },
        { "splice", no_argument, NULL, 's' },         { "pipe-bytes", required_argument, NULL, 'P' }, { NULL, 0, NULL, 0 },
    };
    bool has_names = false;
    for (int name; (name = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (name) {
        case 'l': Listen = parse_address(optarg); break;
        case 'b': Backend = parse_address(optarg); break;
        case 'n': load_names(optarg), has_names = true; break;
        case 'p': SendsProxy = true; break;
        case 'a': AcksLazily = true; break;
        case 'c': Mode = COPY; break;
        case 's': Mode = SPLICE; break;
        case 'P': PipeBytes = atoi(optarg); break;
        default: exit(2);
        }
    }
    if (Listen.sin_port == 0 || Backend.sin_port == 0 || !has_names) {
        fprintf(stderr, "usage: limit --listen A:P --backend A:P --names-file FILE [--proxy-v2] [--lazy-ack] [--copy | --splice] [--pipe-bytes N]\n");
        exit(2);
    }
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    parse_options(argc, argv);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);    // Accepted sockets inherit it.
    if (bind(listener, (struct sockaddr *)&Listen, sizeof Listen) < 0 || listen(listener, 4096) < 0)
        die("listen");
    Epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event readable = { .events = EPOLLIN, .data.ptr = NULL };
    epoll_ctl(Epoll, EPOLL_CTL_ADD, listener, &readable);
    for (;;) {
        struct epoll_event events[BATCH];
        int count = epoll_wait(Epoll, events, BATCH, Again != NULL ? 0 : -1);
        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr == NULL)
                accept_all(listener);
            else
                serve(events[i].data.ptr, events[i].events);
        }
        run_again();
        bury_dead();
    }
}

// limit: the leanest single-threaded TLS-SNI forwarder we could write, as the yardstick of what the kernel itself costs.
//
// One edge-triggered epoll loop: accept4, recv hello, parse SNI, hash table, nonblocking connect, send at once, pump.
// The pump is a hybrid: copy until one recv brings 32 KiB, then splice through a 1 MiB pipe; back to copying after many thin turns.
// It has no timeouts, no limits, no logs, no urgent bytes, one backend, and reads hellos of one record only: a yardstick, not a gateway.
#ifndef LIMIT_H
#define LIMIT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { COPY_BYTES = 64 * 1024, PROXY_BYTES = 28 };

struct session;
struct pipe { int in, out; struct pipe *next; };

// `readable` and `writable` remember edges; `closed` says that an end has been announced and may lie behind the bytes, `finished` that it is a FIN.
struct side { struct session *session; int fd; bool readable, writable, closed, finished, watches_room; };

// One direction. What was read and not yet sent lies in the pipe or, when copying, in `rest`.
struct flow {
    struct pipe *pipe;
    uint8_t *rest;
    uint32_t held, rest_at;
    uint8_t thin_turns;
    bool ended, shut;
};

enum pumped { IDLE, CUT_SHORT, BROKEN };
enum pump_mode { HYBRID, COPY, SPLICE };

extern int Epoll, PipeBytes;
extern enum pump_mode Mode;
extern uint8_t Buffer[PROXY_BYTES + COPY_BYTES];

// What recv, send and splice return where there is nothing to do now.
static inline bool is_would_block(ssize_t did) { return did < 0 && errno == EAGAIN; }

void die(const char *what) __attribute__((noreturn));

// limit_route.c
void load_names(const char *path);
bool has_route(const uint8_t *hello, size_t length);

// limit_pump.c
bool watch(struct side *side, uint32_t events, int operation);
void keep_rest(struct flow *flow, const uint8_t *bytes, size_t length);
enum pumped pump(struct flow *flow, struct side *source, struct side *target);
void drop_flow(struct flow *flow);

#endif

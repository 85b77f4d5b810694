// The pump: one direction, copied or spliced.
#define _GNU_SOURCE
#include "limit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SPLICE_FROM_BYTES = 32 * 1024, THIN_BYTES = 16 * 1024, THIN_TURNS_MAX = 16, TURNS_A_VISIT = 16 };

static struct pipe *FreePipes;

static struct pipe *take_pipe(void)
{
    struct pipe *pipe = FreePipes;
    if (pipe != NULL) {
        FreePipes = pipe->next;
        return pipe;
    }
    int ends[2];
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0)
        return NULL;
    // Without privileges only the first 64 pipes of a user may be this big; the others stay at 64 KiB.
    fcntl(ends[0], F_SETPIPE_SZ, PipeBytes);
    pipe = malloc(sizeof *pipe);
    *pipe = (struct pipe){ .in = ends[1], .out = ends[0] };
    return pipe;
}

static void return_pipe(struct flow *flow)
{
    flow->pipe->next = FreePipes;
    FreePipes = flow->pipe;
    flow->pipe = NULL;
    flow->thin_turns = 0;
}

void drop_flow(struct flow *flow)
{
    free(flow->rest);
    if (flow->pipe == NULL)
        return;
    if (flow->held == 0) {
        return_pipe(flow);
        return;
    }
    // One client's bytes must never reach another.
    close(flow->pipe->in);
    close(flow->pipe->out);
    free(flow->pipe);
}

bool watch(struct side *side, uint32_t events, int operation)
{
    struct epoll_event event = { .events = events | EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = side };
    return epoll_ctl(Epoll, operation, side->fd, &event) == 0;
}

// EPOLLOUT is asked for when room first runs out: a short connection never gets that far.
static bool wait_for_room(struct side *side)
{
    side->writable = false;
    if (side->watches_room)
        return true;
    side->watches_room = true;
    return watch(side, EPOLLOUT, EPOLL_CTL_MOD);
}

static enum pumped send_rest(struct flow *flow, struct side *target)
{
    ssize_t sent = send(target->fd, flow->rest + flow->rest_at, flow->held, MSG_NOSIGNAL);
    if (is_would_block(sent))
        return wait_for_room(target) ? IDLE : BROKEN;
    if (sent < 0)
        return BROKEN;
    flow->rest_at += (uint32_t)sent;
    flow->held -= (uint32_t)sent;
    if (flow->held == 0) {
        free(flow->rest);
        flow->rest = NULL;
    }
    return CUT_SHORT;
}

void keep_rest(struct flow *flow, const uint8_t *bytes, size_t length)
{
    flow->rest = malloc(length);
    memcpy(flow->rest, bytes, length);
    flow->rest_at = 0;
    flow->held = (uint32_t)length;
}

// One recv and one send. CUT_SHORT = there may be more to do.
static enum pumped copy_once(struct flow *flow, struct side *source, struct side *target)
{
    ssize_t got = recv(source->fd, Buffer, COPY_BYTES, 0);
    if (is_would_block(got)) {
        source->readable = false;
        return IDLE;
    }
    if (got < 0)
        return BROKEN;
    if (got == 0) {
        flow->ended = true;
        return IDLE;
    }
    // A short read has emptied the socket: the next byte brings the next edge. A FIN that is already here brings none, and was behind these bytes.
    bool is_short = got < COPY_BYTES;
    flow->ended = is_short && source->finished;
    source->readable = !is_short || (source->closed && !flow->ended);
    // The shutdown that follows at once then travels with these bytes: one packet less.
    ssize_t sent = send(target->fd, Buffer, (size_t)got, MSG_NOSIGNAL | (flow->ended ? MSG_MORE : 0));
    if (sent < 0 && errno != EAGAIN)
        return BROKEN;
    if (sent < got)
        keep_rest(flow, Buffer + (sent < 0 ? 0 : sent), (size_t)(got - (sent < 0 ? 0 : sent)));
    else if (Mode == HYBRID && got >= SPLICE_FROM_BYTES)
        flow->pipe = take_pipe();
    return CUT_SHORT;
}

static enum pumped splice_once(struct flow *flow, struct side *source, struct side *target)
{
    if (flow->held == 0) {
        ssize_t got = splice(source->fd, NULL, flow->pipe->in, NULL, (size_t)PipeBytes, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
        if (is_would_block(got)) {
            source->readable = false;
            return IDLE;
        }
        if (got < 0)
            return BROKEN;
        if (got == 0) {
            flow->ended = true;
            return IDLE;
        }
        flow->held = (uint32_t)got;
        flow->thin_turns = got >= THIN_BYTES ? 0 : flow->thin_turns + 1;
    }
    ssize_t sent = splice(flow->pipe->out, NULL, target->fd, NULL, flow->held, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (is_would_block(sent))
        return wait_for_room(target) ? IDLE : BROKEN;
    if (sent < 0)
        return BROKEN;
    flow->held -= (uint32_t)sent;
    if (flow->held == 0 && Mode == HYBRID && flow->thin_turns >= THIN_TURNS_MAX)
        return_pipe(flow);
    return CUT_SHORT;
}

enum pumped pump(struct flow *flow, struct side *source, struct side *target)
{
    if (Mode == SPLICE && flow->pipe == NULL && source->readable && !flow->ended)
        flow->pipe = take_pipe();
    for (int turn = 0; turn < TURNS_A_VISIT; turn++) {
        bool can_send = target->writable && flow->held > 0;
        bool can_read = source->readable && target->writable && flow->held == 0 && !flow->ended;
        if (!can_send && !can_read)
            return IDLE;
        enum pumped did = flow->rest != NULL ? send_rest(flow, target)
                        : flow->pipe != NULL ? splice_once(flow, source, target)
                        : copy_once(flow, source, target);
        if (did == BROKEN)
            return BROKEN;
    }
    return CUT_SHORT;
}

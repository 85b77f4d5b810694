// wire: two network namespaces joined by a cable of chosen length that loses packets, for kernels without netem.
//
//   wire NAMESPACE DEVICE NAMESPACE DEVICE DELAY_MS LOSS_PERCENT
//
// A TUN device in each namespace (made here, gone with this process) and a queue each way. Every packet waits DELAY_MS, one way; every packet is lost with
// the same chance, from a fixed seed. The devices carry no offloads, so packets are as large as the MTU says. Needs root. Ends on SIGTERM.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { QUEUE_PACKETS = 65536, PACKET_BYTES = 2048, BATCH = 64 };

struct packet { int64_t due_ns; ssize_t length; uint8_t bytes[PACKET_BYTES]; };
struct way { int from, to; uint32_t head, tail; struct packet *queue; };

static int64_t DelayNs;
static double Loss;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

// A device belongs to the namespace that its thread was in when it was made.
static int open_device(const char *namespace, const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "/run/netns/%s", namespace);
    int home = open(path, O_RDONLY | O_CLOEXEC);
    if (home < 0 || setns(home, CLONE_NEWNET) < 0)
        die(path);
    close(home);
    int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct ifreq wanted = { .ifr_flags = IFF_TUN | IFF_NO_PI };
    strncpy(wanted.ifr_name, name, IFNAMSIZ - 1);
    if (device < 0 || ioctl(device, TUNSETIFF, &wanted) < 0)
        die("/dev/net/tun");
    return device;
}

static void take(struct way *way)
{
    for (int i = 0; i < BATCH && way->head - way->tail < QUEUE_PACKETS; i++) {
        struct packet *packet = &way->queue[way->head % QUEUE_PACKETS];
        packet->length = read(way->from, packet->bytes, sizeof packet->bytes);
        if (packet->length <= 0)
            return;
        packet->due_ns = now_ns() + DelayNs;
        way->head += drand48() >= Loss;
    }
}

// Delivers what is due; when the next packet will be, or INT64_MAX.
static int64_t deliver(struct way *way)
{
    for (; way->tail != way->head; way->tail++) {
        struct packet *packet = &way->queue[way->tail % QUEUE_PACKETS];
        if (packet->due_ns > now_ns())
            return packet->due_ns;
        // A device that is down or full loses the packet, as a cable would.
        (void)!write(way->to, packet->bytes, (size_t)packet->length);
    }
    return INT64_MAX;
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: wire NAMESPACE DEVICE NAMESPACE DEVICE DELAY_MS LOSS_PERCENT\n");
        return 2;
    }
    DelayNs = (int64_t)(atof(argv[5]) * 1e6);
    Loss = atof(argv[6]) / 100;
    srand48(1);
    int left = open_device(argv[1], argv[2]), right = open_device(argv[3], argv[4]);
    struct way ways[2] = { { .from = left, .to = right }, { .from = right, .to = left } };
    struct pollfd devices[2] = { { .fd = left, .events = POLLIN }, { .fd = right, .events = POLLIN } };
    for (int i = 0; i < 2; i++)
        if ((ways[i].queue = calloc(QUEUE_PACKETS, sizeof *ways[i].queue)) == NULL)
            die("calloc");
    for (;;) {
        int64_t next = INT64_MAX;
        for (int i = 0; i < 2; i++) {
            take(&ways[i]);
            int64_t due = deliver(&ways[i]);
            next = due < next ? due : next;
        }
        int64_t wait = next == INT64_MAX ? 1000000000 : next - now_ns();
        struct timespec timeout = { .tv_sec = wait / 1000000000, .tv_nsec = wait % 1000000000 };
        if (wait > 0 && ppoll(devices, 2, &timeout, NULL) < 0 && errno != EINTR)
            die("ppoll");
    }
}

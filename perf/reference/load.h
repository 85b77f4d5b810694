// The load generator: one single-threaded epoll program with four roles, see load.c.
#ifndef LOAD_H
#define LOAD_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What every role understands; each uses a part of it.
struct options {
    struct sockaddr_in address;   // backend: listens here; client and start: connect here.
    const char *mode;
    int connections;
    double seconds;               // Length of the measured window (client), or how long to live (backend, idle hold).
    double warmup_seconds;        // Load without counting, before the window.
    double rate;                  // paced: requests a second over all connections; paced-conn: connections a second.
    uint64_t units;               // The window ends early after so many units; 0 = no limit.
    uint64_t request_bytes;       // ping and echo: bytes of one request.
    uint64_t response_bytes;      // Bytes of one answer; 0 in stream mode = endless.
    const char *sni;              // The server name of every hello, or a pattern with seven '#' that --sni-count fills.
    uint32_t sni_count;           // > 0: names 0 … n-1 in pseudo-random order.
    bool expects_proxy;           // backend: a PROXY header, v1 or v2, must come before the hello.
    int watched[16];              // client: processes whose CPU time is taken at both ends of the window.
    int watched_count;
    int cpu;                      // start: where the started program runs; -1 = anywhere.
    char **command;               // start: what to run.
};

int run_backend(const struct options *options);
int run_client(const struct options *options);
int run_idle_client(const struct options *options);
int run_paced_client(const struct options *options);
int run_start(const struct options *options);

enum { HELLO_MAX_BYTES = 4096 };

// A TLS 1.3 ClientHello of a current browser's size (about 1.9 kB: an ML-KEM key share) in one record.
struct hello {
    uint8_t bytes[HELLO_MAX_BYTES];
    size_t length;
    uint8_t *digits;              // Where the seven '#' of the pattern stand, or null.
    uint32_t count, next;
};
void hello_build(struct hello *hello, const char *sni, uint32_t count);
// Puts another name into the hello; nothing to do where there is only one.
void hello_next_name(struct hello *hello);
// Bytes of PROXY header (if asked for) and ClientHello record; 0 = more bytes are needed, -1 = something else came.
long preface_length(const uint8_t *bytes, size_t length, bool expects_proxy);

// Up to `max` latencies in ns; one beyond 4.2 s counts as that. Percentiles are taken once they are sorted.
struct latencies {
    uint32_t *ns;
    size_t count, max;
};
struct latencies latencies_new(size_t max);
void latencies_add(struct latencies *latencies, int64_t ns);
void latencies_sort(struct latencies *latencies);
double percentile_us(const struct latencies *sorted, double share);
// User and system time of whole processes, threads that are gone included, to the nanosecond.
int64_t watched_cpu_ns(const struct options *options);

int64_t now_ns(void);
void die(const char *what) __attribute__((noreturn));
int tcp_socket(int flags);
int epoll_add(int epoll, int fd, uint32_t events, void *data);

#endif

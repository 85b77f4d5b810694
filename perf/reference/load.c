// load: what stands on both sides of a contender, in one single-threaded epoll program, so that both sides can be pinned to one CPU.
//
//   load backend ADDRESS close|stream|echo|hold   what a server behind the gateway does once the ClientHello is there
//   load client  ADDRESS conn|bulk|ping|idle|paced|paced-conn   the load; one line of JSON on standard output
//   load start   ADDRESS -- PROGRAM ARGS          time from exec to the first connection and the first answer
//
// No TLS is spoken: behind a passthrough gateway the bytes after the hello are nobody's business but the two ends'.
#define _GNU_SOURCE
#include "load.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char Usage[] =
    "usage: load backend ADDRESS:PORT close|stream|echo|hold [--request B] [--response B] [--proxy] [--seconds S]\n"
    "       load client  ADDRESS:PORT conn|bulk|ping|idle|paced|paced-conn [--connections N] [--seconds S] [--warmup S] [--units N]\n"
    "                    [--request B] [--response B] [--sni NAME] [--sni-count N] [--watch PID]... [--rate N]\n"
    "       load start   ADDRESS:PORT [--cpu N] [--response B] [--sni NAME] [--sni-count N] [--seconds S] -- PROGRAM [ARGS]\n";

int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void die(const char *what)
{
    perror(what);
    exit(1);
}

int tcp_socket(int flags)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        die("socket");
    return fd;
}

int epoll_add(int epoll, int fd, uint32_t events, void *data)
{
    struct epoll_event event = { .events = events, .data.ptr = data };
    return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void fail_usage(const char *why)
{
    fprintf(stderr, "load: %s\n%s", why, Usage);
    exit(2);
}

static struct sockaddr_in parse_address(char *text)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    char *colon = strrchr(text, ':');
    if (colon == NULL)
        fail_usage("an address needs a port");
    *colon = 0;
    address.sin_port = htons((uint16_t)atoi(colon + 1));
    if (inet_pton(AF_INET, text, &address.sin_addr) != 1)
        fail_usage("not an IPv4 address");
    return address;
}

static void add_watched(struct options *options, int pid)
{
    if (options->watched_count == (int)(sizeof options->watched / sizeof options->watched[0]))
        fail_usage("too many --watch");
    options->watched[options->watched_count++] = pid;
}

static void parse_options(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        { "connections", required_argument, NULL, 'c' }, { "seconds", required_argument, NULL, 's' },
        { "warmup", required_argument, NULL, 'w' },      { "units", required_argument, NULL, 'u' },
        { "request", required_argument, NULL, 'q' },     { "response", required_argument, NULL, 'r' },
        { "sni", required_argument, NULL, 'n' },         { "sni-count", required_argument, NULL, 'N' },
        { "proxy", no_argument, NULL, 'p' },          { "watch", required_argument, NULL, 'W' },
        { "cpu", required_argument, NULL, 'C' },         { "rate", required_argument, NULL, 'R' },
        { NULL, 0, NULL, 0 },
    };
    for (int name; (name = getopt_long(argc, argv, "+", names, NULL)) != -1;) {
        switch (name) {
        case 'c': options->connections = atoi(optarg); break;
        case 's': options->seconds = atof(optarg); break;
        case 'w': options->warmup_seconds = atof(optarg); break;
        case 'u': options->units = strtoull(optarg, NULL, 10); break;
        case 'q': options->request_bytes = strtoull(optarg, NULL, 10); break;
        case 'r': options->response_bytes = strtoull(optarg, NULL, 10); break;
        case 'n': options->sni = optarg; break;
        case 'N': options->sni_count = (uint32_t)strtoul(optarg, NULL, 10); break;
        case 'p': options->expects_proxy = true; break;
        case 'W': add_watched(options, atoi(optarg)); break;
        case 'C': options->cpu = atoi(optarg); break;
        case 'R': options->rate = atof(optarg); break;
        default: fail_usage("unknown option");
        }
    }
    options->command = argv + optind;
    if (options->connections < 1 || options->seconds <= 0 || options->warmup_seconds < 0)
        fail_usage("connections and seconds must be positive");
}

// Thousands of idle connections need as many descriptors; the hard limit is what there is.
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3)
        fail_usage("a role and an address are needed");
    struct options options = { .connections = 32, .seconds = 2, .request_bytes = 64, .response_bytes = 1024, .rate = 1000,
                               .sni = "bench.example.org", .cpu = -1 };
    const char *role = argv[1];
    bool is_start = strcmp(role, "start") == 0;
    options.address = parse_address(argv[2]);
    if (!is_start)
        options.mode = argc > 3 ? argv[3] : "";
    int skipped = is_start ? 2 : argc > 3 ? 3 : 2;
    parse_options(&options, argc - skipped, argv + skipped);

    signal(SIGPIPE, SIG_IGN);
    raise_descriptor_limit();
    // Whatever goes wrong, nothing runs for ever.
    alarm((unsigned)(options.warmup_seconds + options.seconds) + 60);

    if (strcmp(role, "backend") == 0)
        return run_backend(&options);
    if (strcmp(role, "client") == 0 && strncmp(options.mode, "paced", strlen("paced")) == 0)
        return run_paced_client(&options);
    if (strcmp(role, "client") == 0)
        return strcmp(options.mode, "idle") == 0 ? run_idle_client(&options) : run_client(&options);
    if (is_start)
        return run_start(&options);
    fail_usage("unknown role");
}

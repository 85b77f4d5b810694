#!/usr/bin/env bash
# How SO_REUSEPORT spreads connections over workers, and whether steering by CPU (SO_ATTACH_REUSEPORT_CBPF) helps. Everything on loopback, in a namespace.
#   perf/paths/balance.sh [--seconds N] [--rounds N]
# First 10,000 connections over two and four sockets; then two workers under short connections from a client on each of CPU 0 and 1: CPU of the gateway for
# one connection and latency, with workers left to the scheduler or pinned (worker i to CPU i), hashed or steered. Last, all clients on CPU 0: what a
# network card with one queue does.
source "$(dirname "$0")/network.sh"
enter "$@"
seconds=4 rounds=3
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    *) sed -n 3p "$0" >&2; exit 2 ;;
  esac
  shift 2
done
prepare
# One namespace is enough here: gateway and clients share its loopback.
client=127.0.0.1 gateway=127.0.0.1 backend=127.0.0.1

for sockets in 2 4; do
  for sources in 1 100; do
    echo "$sockets sockets, $sources client addresses, hashed: $(in_space gateway steer spread "$sockets" 10000 "$sources")"
  done
  echo "$sockets sockets, steered, all packets on CPU 0: $(in_space gateway taskset -c 0 steer spread "$sockets" 10000 100 cpu)"
done

start gateway taskset -c 0,1 load backend 127.0.0.1:1001 close --response 1000 --seconds 3600
sleep 0.3

# measure LABEL CPU CPU: a client on each of the two.
measure() {
  local label=$1 number=0 cpu pids=()
  shift
  for cpu in "$@"; do
    in_space gateway taskset -c "$cpu" load client 127.0.0.1:443 conn --connections 16 --response 1000 --sni short.example --seconds "$seconds" --warmup 0.5 \
      --watch "$gateway_pid" >"$work/client$number" &
    pids+=($!)
    number=$((number + 1))
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
  awk -v label="$label" '
    { match($0, /"units":[0-9]+/); units += substr($0, RSTART + 8, RLENGTH - 8); match($0, /"cpu_ns":[0-9]+/); cpu += substr($0, RSTART + 9, RLENGTH - 9) / 2
      match($0, /"p50_us":[0-9.]+/); p50 += substr($0, RSTART + 9, RLENGTH - 9) / 2; match($0, /"p99_us":[0-9.]+/); p99 += substr($0, RSTART + 9, RLENGTH - 9) / 2
      match($0, /"seconds":[0-9.]+/); seconds = substr($0, RSTART + 10, RLENGTH - 10) }
    END { printf "%s: %.1f us CPU/connection, %.0f connections/s, p50 %.0f us, p99 %.0f us\n", label, cpu / units / 1e3, units / seconds, p50, p99 }
  ' "$work/client0" "$work/client1"
}

pin_workers() {
  local task name
  for task in /proc/"$gateway_pid"/task/*; do
    name=$(<"$task/comm")
    case "$name" in worker-*) taskset -pc "${name#worker-}" "${task##*/}" >/dev/null ;; esac
  done
}

for _ in $(seq "$rounds"); do
  for choice in free-hashed free-steered pinned-hashed pinned-steered; do
    start_gateway "$fastsni" "workers = 2"
    [[ $choice != pinned-* ]] || pin_workers
    [[ $choice != *-steered ]] || steer attach "$gateway_pid" 443 2
    measure "$choice, clients on both CPUs" 0 1
    case "$choice" in pinned-*) measure "$choice, clients on CPU 0" 0 0 ;; esac
    stop_gateway
  done
done
for pid in $(jobs -p); do kill "$pid"; done

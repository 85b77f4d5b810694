#!/usr/bin/env bash
# Which socket option ends a connection to a peer that has vanished, and leaves one alone whose peer only does not read for a while.
#   perf/paths/patience.sh [--seconds N]
# Every connection is watched for N seconds (default 240); without an option the kernel's tcp_retries2 takes about a quarter of an hour.
source "$(dirname "$0")/network.sh"
enter "$@"
seconds=240
[ "${1:-}" != --seconds ] || seconds=$2
prepare
veths

senders=()
# watch_all PORT PEER: one connection with each choice of options.
watch_all() {
  local choice
  for choice in "none" "TCP_USER_TIMEOUT-20s 18 20000" "TCP_RTO_MAX_MS-15s 44 15000" "both 18 20000 44 15000"; do
    read -r name options <<<"$choice"
    start gateway patience send "$backend" "$1" "$2, $name" "$seconds" $options
    senders+=($!)
  done
}

start backend patience sink "$backend" 1001 pause
start backend patience sink "$backend" 1002 read
start backend patience sink "$backend" 1003 pause
sleep 0.5
watch_all 1001 "peer that pauses"
watch_all 1002 "peer that vanishes"
watch_all 1003 "peer that pauses for ever and vanishes"
sleep 5
# They vanish: what they would answer goes nowhere.
ip -n backend rule add pref 10 sport 1002 ipproto tcp table 99
ip -n backend rule add pref 11 sport 1003 ipproto tcp table 99
ip -n backend route add blackhole default table 99
for pid in "${senders[@]}"; do wait "$pid"; done
for pid in $(jobs -p); do kill "$pid"; done

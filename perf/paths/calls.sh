#!/usr/bin/env bash
# System calls of a gateway for one connection: to a backend at the end of a wire, where connect takes a round trip, and to one on its own host.
#   perf/paths/calls.sh GATEWAY...
# Counts of strace -c over the same number of connections; times mean nothing here. Needs strace.
source "$(dirname "$0")/network.sh"
enter "$@"
[ $# -ge 1 ] || { sed -n 3p "$0" >&2; exit 2; }
connections=1000
prepare

# count PLACE BINARY
count() {
  start_gateway "$2" "workers = 1"
  in_space client load client "$gateway:443" conn --connections 1 --units 5 --response 1000 --sni short.example --seconds 5 >/dev/null
  strace -f -c -o "$work/strace" -p "$gateway_pid" 2>/dev/null & tracer=$!
  sleep 1
  in_space client load client "$gateway:443" conn --connections 10 --units "$connections" --response 1000 --sni short.example --seconds 30 >"$work/json"
  kill -INT "$tracer"
  wait "$tracer" || true
  stop_gateway
  awk -v units="$(field units <"$work/json")" -v label="$1 $(basename "$2")" '
    $1 ~ /^[0-9.]+$/ && NF >= 5 && $NF != "total" { calls[$NF] = $4; failed[$NF] = NF == 6 ? $5 : 0; sum += $4 }
    END {
      printf "%s: %.2f calls a connection:", label, sum / units
      for (call in calls) if (calls[call] / units >= 0.05) printf " %s %.2f (%.2f failed)", call, calls[call] / units, failed[call] / units
      print ""
    }' "$work/strace"
}

wires 0.2 0 0.2 0
start backend load backend "$backend:1001" close --response 1000 --seconds 600
sleep 0.3
for binary in "$@"; do count "wire" "$binary"; done

# The same address on the gateway's own host.
ip -n gateway address flush dev inner
ip -n gateway address add "$backend/32" dev lo
start gateway load backend "$backend:1001" close --response 1000 --seconds 600
sleep 0.3
for binary in "$@"; do count "own host" "$binary"; done
for pid in $(jobs -p); do kill "$pid"; done

#!/usr/bin/env bash
# What late ACKs towards the backend (TCP_QUICKACK, docs/decisions/0005) do on paths that have a length: builds of the gateway in turn.
#   perf/paths/lazy-ack.sh [--seconds N] [--rounds N] [--paths "CLIENT_MS,LOSS,BACKEND_MS,LOSS …"] GATEWAY...
# Delays are one way, losses in percent; BACKEND_MS "own" puts the backend on the gateway's own host. To compare: a build whose StreamSocket.Connect does not
# set TCP_QUICKACK. Prints ms from connect to the end (tls-short, tls-bulk: 1 kB, 2 MB) or to the first line (the others).
source "$(dirname "$0")/network.sh"
enter "$@"
seconds=4 rounds=1
paths="0.2,0,own,0 0.2,0,0.2,0 5,0,5,0 5,1,5,0 5,0,5,1 50,0,50,0 50,0,50,1"
while [ $# -gt 1 ] && [[ $1 == --* ]]; do
  case "$1" in
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    --paths) paths=$2 ;;
    *) sed -n 3p "$0" >&2; exit 2 ;;
  esac
  shift 2
done
[ $# -ge 1 ] || { sed -n 3p "$0" >&2; exit 2; }
prepare

# serve_all SPACE: tls-short, tls-bulk, a server that greets, one that answers, and one that answers in two pieces without TCP_NODELAY.
serve_all() {
  start "$1" load backend "$backend:1001" close --response 1000 --seconds 3600
  start "$1" load backend "$backend:1002" close --response 2000000 --seconds 3600
  start "$1" talk serve "$backend" 1003 banner
  start "$1" talk serve "$backend" 1004 answer --defer 3
  start "$1" talk serve "$backend" 1006 answer --twice
}

# ask_tls NAME CONNECTIONS BYTES
ask_tls() {
  in_space client load client "$gateway:443" conn --connections "$2" --response "$3" --sni "$1.example" --seconds "$seconds" --warmup 1 >"$work/json"
  awk -v label="$label tls-$1" -v count="$(field units <"$work/json")" -v failed="$(field failed <"$work/json")" -v p50="$(field p50_us <"$work/json")" \
    -v p99="$(field p99_us <"$work/json")" 'BEGIN { printf "%s count %d failed %d p50 %.2f p99 %.2f\n", label, count, failed, p50 / 1e3, p99 / 1e3 }'
}

# ask PROTOCOL PORT banner|answer [OPTION]…
ask() {
  local protocol=$1 port=$2 kind=$3
  shift 3
  echo "$label $protocol $(in_space client talk ask "$gateway" "$port" "$kind" --connections 50 --seconds "$seconds" "$@")"
}

for path in $paths; do
  IFS=, read -r client_ms client_loss backend_ms backend_loss <<<"$path"
  place=backend
  if [ "$backend_ms" = own ]; then
    place=gateway
    wires "$client_ms" "$client_loss" 0 0
    ip -n gateway address flush dev inner
    ip -n gateway address add "$backend/32" dev lo
  else
    wires "$client_ms" "$client_loss" "$backend_ms" "$backend_loss"
  fi
  serve_all "$place"
  sleep 0.3
  for _ in $(seq "$rounds"); do
    for binary in "$@"; do
      start_gateway "$binary" "workers = 1"
      label="$path $(basename "$binary")"
      ask_tls short 50 1000
      ask_tls bulk 4 2000000
      ask tls-twice 443 answer --hello twice.example
      ask tcp-banner 1003 banner
      ask tcp-answer 1004 answer
      ask tcp-banner-proxied 1005 banner
      stop_gateway
    done
  done
  for pid in $(jobs -p); do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  wire_pids=()
  ip -n gateway address del "$backend/32" dev lo 2>/dev/null || true
done

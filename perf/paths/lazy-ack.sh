#!/usr/bin/env bash
# What TCP_QUICKACK 0 before connect (docs/decisions/0005) does on paths that have a length: two gateways, with and without it, in turn.
#   perf/paths/lazy-ack.sh WITH WITHOUT [--seconds N] [--rounds N] [--paths "CLIENT_MS,LOSS,BACKEND_MS,LOSS …"]
# WITHOUT is a build of the gateway whose StreamSocket.Connect does not set the option. Prints a table: ms from connect to the first byte.
source "$(dirname "$0")/network.sh"
enter "$@"
[ $# -ge 2 ] || { sed -n 3p "$0" >&2; exit 2; }
with=$1 without=$2 seconds=4 rounds=1
paths="0.2,0,0.2,0 5,0,5,0 5,1,5,0 5,0,5,1 50,0,50,0 50,0,50,1"
shift 2
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    --paths) paths=$2 ;;
    *) sed -n 3p "$0" >&2; exit 2 ;;
  esac
  shift 2
done
prepare

serve_all() {
  start backend load backend "$backend:1001" close --response 1000 --seconds 3600
  start backend load backend "$backend:1002" close --response 2000000 --seconds 3600
  start backend talk serve "$backend" 1003 banner
  start backend talk serve "$backend" 1004 answer --defer 3
}

# measure LABEL: all protocols once, a line each.
measure() {
  local line
  for name in short:50:1000 bulk:4:2000000; do
    IFS=: read -r sni connections bytes <<<"$name"
    line=$(in_space client load client "$gateway:443" conn --connections "$connections" --response "$bytes" --sni "$sni.example" --seconds "$seconds" --warmup 1)
    printf '%s tls-%s count %s failed %s p50 %.2f p99 %.2f\n' "$1" "$sni" "$(field units <<<"$line")" "$(field failed <<<"$line")" \
      "$(($(field p50_us <<<"$line" | cut -d. -f1)))e-3" "$(($(field p99_us <<<"$line" | cut -d. -f1)))e-3"
  done
  for place in banner:1003 answer:1004 banner:1005; do
    IFS=: read -r kind port <<<"$place"
    [ "$port" = 1005 ] && label=tcp-banner-proxied || label=tcp-$kind
    printf '%s %s %s\n' "$1" "$label" "$(in_space client talk ask "$gateway" "$port" "$kind" --connections 50 --seconds "$seconds" | sed 's/p90 [0-9.]* //')"
  done
}

for path in $paths; do
  IFS=, read -r client_ms client_loss backend_ms backend_loss <<<"$path"
  wires "$client_ms" "$client_loss" "$backend_ms" "$backend_loss"
  serve_all
  sleep 0.3
  for _ in $(seq "$rounds"); do
    for variant in with without; do
      start_gateway "${!variant}" "workers = 1"
      measure "$path $variant"
      stop_gateway
    done
  done
  for job in $(jobs -p); do kill "$job" 2>/dev/null || true; done
  wait 2>/dev/null || true
  wire_pids=()
done

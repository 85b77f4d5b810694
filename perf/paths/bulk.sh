#!/usr/bin/env bash
# What a gateway's CPU costs for a gigabyte through veth pairs of MTU 1500: FastSni, nginx, and the limit with pipes of three sizes, in turn.
#   perf/paths/bulk.sh [--seconds N] [--rounds N] [--segments "SEGMENTS…"] [--streams "N…"]
# --segments: how many packets travel as one through the stack; 44 stands for a card that merges what it receives (64 kB), 1 for one that does not.
# Gateway on CPU 1, client and backend on CPU 0. Prints CPU s/GB and GB/s.
source "$(dirname "$0")/network.sh"
enter "$@"
seconds=2 rounds=3 segments="44 1" streams="16 1"
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2 ;;
    --rounds) rounds=$2 ;;
    --segments) segments=$2 ;;
    --streams) streams=$2 ;;
    *) sed -n 3p "$0" >&2; exit 2 ;;
  esac
  shift 2
done
prepare
veths
PIN="taskset -c 1"
echo bulk.example >"$work/names"
cat >"$work/nginx.conf" <<CONF
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off; master_process off; pid $work/nginx.pid; error_log $work/nginx.log warn; events { worker_connections 1024; }
stream { access_log off; map \$ssl_preread_server_name \$route { bulk.example bulk; default nowhere; }
  upstream bulk { server $backend:1002; } upstream nowhere { server 127.0.0.1:1; }
  server { listen $gateway:443; ssl_preread on; proxy_pass \$route; } }
CONF

begin() {
  case "$1" in
    fastsni) start_gateway "$fastsni" "workers = 1"; return ;;
    nginx) start gateway $PIN nginx -c "$work/nginx.conf" -e "$work/nginx.log" ;;
    limit-*) start gateway $PIN limit --listen "$gateway:443" --backend "$backend:1002" --names-file "$work/names" --pipe-bytes "$((${1#limit-} * 1024))" ;;
  esac
  gateway_pid=$!
  sleep 0.3
}

start backend taskset -c 0 load backend "$backend:1002" stream --response 0 --seconds 3600
sleep 0.3
for _ in $(seq "$rounds"); do
  for count in $segments; do
    for place in client gateway backend; do
      for device in outer inner; do ip -n "$place" link set "$device" gso_max_segs "$count" 2>/dev/null || true; done
    done
    for stream in $streams; do
      for contender in fastsni limit-64 limit-256 limit-1024 nginx; do
        command -v "${contender%-*}" >/dev/null || [ "$contender" = fastsni ] || { echo "LEFT OUT: $contender is not installed"; continue; }
        begin "$contender"
        in_space client taskset -c 0 load client "$gateway:443" bulk --connections "$stream" --sni bulk.example --seconds "$seconds" --warmup 0.5 \
          --watch "$gateway_pid" >"$work/json"
        stop_gateway
        awk -v bytes="$(field bytes <"$work/json")" -v cpu="$(field cpu_ns <"$work/json")" -v seconds="$(field seconds <"$work/json")" \
          -v label="$count segments, $stream streams, $contender" 'BEGIN { printf "%s: %.3f s/GB, %.2f GB/s\n", label, cpu / bytes, bytes / seconds / 1e9 }'
      done
    done
  done
done
for pid in $(jobs -p); do kill "$pid"; done

#!/usr/bin/env bash
# Where a gateway's time goes while it ends TLS, under HTTPS load: system calls a request (strace -c -f), waits a request, then microseconds a request by binary and by thread, and hot symbols (perf record).
#   perf/offload-profile.sh [--gateway fastsni|nginx] [--connections kept|new] [--fastsni PATH] [--seconds N] [--bytes N] [--nice N] [--out DIRECTORY]
# With --connections new each request has a connection of its own, which resumes the session of the one before.
# Needs root. Runs in network, PID and mount namespaces of its own: the kernel ends whatever is left in them when the script ends.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
gateway=fastsni fastsni=$here/../artifacts/fastsni/fastsni seconds=3 bytes=1024 nice=0 out= connections=kept
worker_cpu=1 load_cpu=0 name=app.example.org port=2000 http_port=2001
original=("$@")
while [ $# -gt 0 ]; do
  case "$1" in
    --gateway) gateway=$2 ;;
    --fastsni) fastsni=$2 ;;
    --seconds) seconds=$2 ;;
    --bytes) bytes=$2 ;;
    --connections) connections=$2 ;;
    --nice) nice=$2 ;;
    --out) out=$2 ;;
    *) sed -n 3p "$0" >&2; exit 2 ;;
  esac
  shift 2
done

fail() { echo "offload-profile: $*" >&2; exit 1; }
skip() { echo "offload-profile: SKIPPED: $*" >&2; }
need() { command -v "$1" >/dev/null || fail "$1 is not installed"; }

if [ "${OFFLOAD_PROFILE_INSIDE:-}" != 1 ]; then
  [ "$(id -u)" -eq 0 ] || fail "needs root: it makes namespaces of its own"
  for program in nginx wrk openssl unshare taskset ip; do need "$program"; done
  exec env OFFLOAD_PROFILE_INSIDE=1 unshare --net --pid --fork --kill-child --mount-proc setsid --wait \
    nice -n "$nice" "$0" ${original[@]+"${original[@]}"}
fi

work=$(mktemp -d)
out=${out:-$work}
mkdir -p "$out"
pids=()
end_all() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap end_all EXIT

prepare() {
  # Where the kernel groups sessions, the group has a niceness of its own.
  [ ! -e /proc/self/autogroup ] || echo "$nice" >/proc/self/autogroup
  ip link set lo up
  echo "127.0.0.1 localhost $name" >"$work/hosts"
  mount --bind "$work/hosts" /etc/hosts
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -keyout "$work/key.pem" -out "$work/chain.pem" \
    -subj "/CN=$name" -addext "subjectAltName=DNS:$name" 2>/dev/null
  mkdir "$work/www"
  head -c "$bytes" /dev/zero | tr '\0' x >"$work/www/file.txt"
}

# start CPU COMMAND …: in the background, pinned; its id is the last of pids.
start() {
  local cpu=$1
  shift
  taskset -c "$cpu" "$@" >>"$work/log" 2>&1 &
  pids+=($!)
}

nginx_common="daemon off; worker_processes 1; error_log $work/nginx.log warn; events { worker_connections 4096; }"

start_backend() {
  cat >"$work/backend.conf" <<CONF
$nginx_common user root; pid $work/backend.pid;
http { access_log off; sendfile on; open_file_cache max=16 inactive=1h; keepalive_requests 1000000000;
  server { listen 127.0.0.1:$http_port; root $work/www; } }
CONF
  start "$load_cpu" nginx -c "$work/backend.conf" -e "$work/nginx.log"
}

start_gateway() {
  case "$gateway" in
    fastsni)
      [ -x "$fastsni" ] || fail "$fastsni is missing: dotnet publish src/FastSni -c Release -r linux-x64 -o artifacts/fastsni"
      cat >"$work/fastsni.ini" <<CONF
[gateway]
workers = 1
access-log = off
log = stdout
max-connections-per-client = 0
state-directory = $work
[listen:https]
address = 127.0.0.1:$port
mode = tls
[offload:app]
names = $name
backend = http://127.0.0.1:$http_port
certificate = $work/chain.pem
certificate-key = $work/key.pem
[default]
action = reject
no-name-action = reject
[admin]
socket = $work/control.sock
CONF
      start "$worker_cpu" "$fastsni" run --config "$work/fastsni.ini" ;;
    nginx)
      cat >"$work/gateway.conf" <<CONF
$nginx_common pid $work/gateway.pid;
http { access_log off; keepalive_requests 1000000000;
  upstream app { server 127.0.0.1:$http_port; keepalive 64; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:$port ssl; ssl_certificate $work/chain.pem; ssl_certificate_key $work/key.pem; ssl_protocols TLSv1.3;
    location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; } } }
CONF
      start "$worker_cpu" nginx -c "$work/gateway.conf" -e "$work/nginx.log" ;;
    *) fail "--gateway is fastsni or nginx" ;;
  esac
  gateway_pid=${pids[-1]}
  for _ in $(seq 100); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    kill -0 "$gateway_pid" 2>/dev/null || break
    sleep 0.1
  done
  fail "the gateway did not open its port: $(tail -n 5 "$work/log")"
}

# All processes of the gateway, comma-separated: nginx's worker is a child of its master.
gateway_pids() { { echo "$gateway_pid"; cat "/proc/$gateway_pid/task/"*"/children"; } | tr -s ' \n' ',' | sed 's/,$//'; }

# load SECONDS: prints the number of requests answered.
load() {
  local headers=()
  [ "$connections" = kept ] || headers=(--header 'Connection: close')
  taskset -c "$load_cpu" wrk "${headers[@]}" --threads 1 --connections 32 --duration "${1}s" "https://$name:$port/file.txt" >"$work/wrk.txt" 2>&1 ||
    fail "wrk failed: $(tail -n 3 "$work/wrk.txt")"
  ! grep -E 'Non-2xx|Socket errors' "$work/wrk.txt" >&2 || true
  awk '/ requests in / { print $1 }' "$work/wrk.txt"
}

count_calls() {
  command -v strace >/dev/null || { skip "system calls: strace is not installed"; return; }
  local requests tracer
  taskset -c "$load_cpu" strace -c -f -o "$out/strace.txt" $(gateway_pids | tr ',' '\n' | sed 's/^/-p /') 2>"$work/strace.log" &
  tracer=$!
  sleep 1
  requests=$(load "$seconds")
  # It detaches and writes its summary.
  kill -INT "$tracer"
  wait "$tracer" || true
  [ -s "$out/strace.txt" ] || { skip "system calls: $(tail -n 1 "$work/strace.log")"; return; }
  echo "system calls a request ($gateway, $requests requests of $bytes bytes; ${connections} connections; strace slows\
 everything down: read counts, not times)"
  awk -v requests="$requests" '
    $1 ~ /^[0-9.]+$/ && NF >= 5 && $NF != "total" { calls[$NF] = $4; errors[$NF] = NF == 6 ? $5 : 0; sum += $4 }
    END {
      for (call in calls)
        if (calls[call] / requests >= 0.01)
          printf "  %-20s %8.2f  of them failed %.2f\n", call, calls[call] / requests, errors[call] / requests | \
            "sort -k2 -nr"
      close("sort -k2 -nr")
      printf "  %-20s %8.2f\n", "all", sum / requests
    }' "$out/strace.txt"
}

# Of all its threads, voluntary ones: each is a wait.
switches() {
  local pid
  for pid in $(gateway_pids | tr ',' ' '); do cat "/proc/$pid/task/"*"/status"; done | awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }'
}

count_switches() {
  local before requests
  before=$(switches)
  requests=$(load "$seconds")
  awk -v requests="$requests" -v switches="$(($(switches) - before))" 'BEGIN { printf "waits a request: %.2f (%d requests)\n", switches / requests, requests }'
}

record_symbols() {
  command -v perf >/dev/null || { skip "hot symbols: perf is not installed"; return; }
  local recorder requests key hertz=997
  # cpu-clock works where a virtual machine has no hardware counters.
  taskset -c "$load_cpu" perf record -q -e cpu-clock -F "$hertz" -g -p "$(gateway_pids)" -o "$out/perf.data" 2>"$work/perf.log" &
  recorder=$!
  sleep 0.5
  requests=$(load "$seconds")
  kill -INT "$recorder" 2>/dev/null || true
  wait "$recorder" || true
  [ -s "$out/perf.data" ] || { skip "hot symbols: $(tail -n 1 "$work/perf.log")"; return; }
  for key in dso comm,dso; do
    echo "CPU by $key ($gateway), µs a request of $requests"
    perf report -i "$out/perf.data" --no-children -g none --sort "$key" -n --stdio 2>/dev/null |
      awk -v requests="$requests" -v hertz="$hertz" '/^ +[0-9]/ && ++lines <= 14 { micros = $2 / hertz * 1e6 / requests; $1 = $2 = ""; printf "  %7.1f %s\n", micros, $0 }'
  done
  echo "CPU by symbol ($gateway)"
  perf report -i "$out/perf.data" --no-children -g none --sort dso,symbol --stdio 2>/dev/null | awk '/^ +[0-9]/ && ++lines <= 40 { sub(/ +- +- *$/, ""); print }'
}

prepare
start_backend
start_gateway
load 1 >/dev/null
count_calls
count_switches
record_symbols
[ "$out" = "$work" ] || echo "kept in $out: strace.txt, perf.data"

# What the scripts beside this one share: namespaces client – gateway – backend, joined by veth or by wires (wire.c); sourced, never run.
#
# Needs root, gcc, make, iproute2, util-linux. On a busy machine NICE=-15 helps, or REALTIME=1 (SCHED_FIFO) for latencies; FASTSNI names the gateway; PATHS_SECONDS_MAX bounds a run. The calling script runs again in namespaces for networks, processes and mounts of its own: whatever it leaves
# behind, named namespaces and devices included, the kernel ends with it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fastsni=${FASTSNI:-$here/../../artifacts/fastsni/fastsni}
client=10.9.1.2 gateway=10.9.1.1 inner=10.9.2.1 backend=10.9.2.2

fail() { echo "${0##*/}: $*" >&2; exit 1; }

# enter "$@": first line of every script.
enter() {
  [ "${PATHS_INSIDE:-}" != 1 ] || return 0
  [ "$(id -u)" -eq 0 ] || fail "needs root: it makes namespaces of its own"
  for program in ip gcc make unshare taskset timeout; do command -v "$program" >/dev/null || fail "$program is not installed"; done
  exec env PATHS_INSIDE=1 unshare --net --pid --mount --fork --kill-child --mount-proc setsid --wait \
    nice -n "${NICE:-0}" ${REALTIME:+chrt -f 1} timeout --foreground "${PATHS_SECONDS_MAX:-1200}" "$0" "$@"
}

prepare() {
  # Where the kernel groups sessions, the group has a niceness of its own.
  [ ! -e /proc/self/autogroup ] || echo "${NICE:-0}" >/proc/self/autogroup
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  # `ip netns` keeps names under /run/netns: ours alone.
  mkdir -p /run/netns
  mount -t tmpfs none /run/netns
  local program reference=$here/../reference
  make -s -C "$reference" BUILD="$work"
  for program in wire patience steer; do gcc -std=gnu17 -O2 -Wall -Wextra -Werror -o "$work/$program" "$here/$program.c"; done
  gcc -std=gnu17 -O2 -Wall -Wextra -Werror -I"$reference" -o "$work/talk" "$here/talk.c" "$reference/hello.c"
  PATH=$work:$PATH
  for space in client gateway backend; do
    ip netns add "$space"
    ip -n "$space" link set lo up
    # The default may be bbr, which paces; reno is what every namespace is allowed.
    ip netns exec "$space" sysctl -qw net.ipv4.tcp_congestion_control="${CONGESTION:-reno}"
  done
}

in_space() { local space=$1; shift; ip netns exec "$space" "$@"; }

# start SPACE COMMAND …: in the background; its process id is $!.
start() { local space=$1; shift; ip netns exec "$space" "$@" & }

# address SPACE DEVICE OURS THEIRS
address() {
  ip -n "$1" address replace "$3" peer "$4" dev "$2"
  ip -n "$1" link set "$2" mtu 1500 up
}

address_all() {
  address client outer "$client" "$gateway"
  address gateway outer "$gateway" "$client"
  address gateway inner "$inner" "$backend"
  address backend inner "$backend" "$inner"
}

# wires CLIENT_MS CLIENT_LOSS BACKEND_MS BACKEND_LOSS: one-way delay and loss in percent of the outer and of the inner leg.
wires() {
  cut_wires
  nice -n -5 wire client outer gateway outer "$1" "$2" & wire_pids=($!)
  nice -n -5 wire gateway inner backend inner "$3" "$4" & wire_pids+=($!)
  for _ in $(seq 100); do
    [ -n "$(ip -n client link show outer 2>/dev/null)" ] && [ -n "$(ip -n backend link show inner 2>/dev/null)" ] && break
    sleep 0.05
  done
  address_all
}

cut_wires() {
  for pid in ${wire_pids[@]+"${wire_pids[@]}"}; do kill "$pid"; wait "$pid" 2>/dev/null || true; done
  wire_pids=()
}

# veths: the same places joined by veth pairs.
veths() {
  ip -n client link add outer type veth peer name outer netns gateway
  ip -n gateway link add inner type veth peer name inner netns backend
  address_all
}

# write_ini FILE [KEY=VALUE of the gateway]…: the listeners that all scripts use, each to its own backend port.
write_ini() {
  local file=$1
  shift
  {
    printf '[gateway]\naccess-log = off\nlog = stdout\nmax-connections-per-client = 0\nmax-pending-hellos-per-client = 10000\nstate-directory = %s\n' "$work"
    printf '%s\n' "$@"
    printf '[admin]\nsocket = %s.sock\n[default]\naction = reject\nno-name-action = reject\n' "$file"
    printf '[listen:tls]\naddress = %s:443\nmode = tls\n' "$gateway"
    printf '[passthrough:short]\nnames = short.example\nbackend = %s:1001\n[passthrough:bulk]\nnames = bulk.example\nbackend = %s:1002\n' "$backend" "$backend"
    printf '[passthrough:twice]\nnames = twice.example\nbackend = %s:1006\n' "$backend"
    printf '[listen:banner]\naddress = %s:1003\nmode = tcp\nbackend = %s:1003\n' "$gateway" "$backend"
    printf '[listen:answer]\naddress = %s:1004\nmode = tcp\nbackend = %s:1004\n' "$gateway" "$backend"
    printf '[listen:proxied]\naddress = %s:1005\nmode = tcp\nbackend = %s:1003\nproxy-protocol = v2\n' "$gateway" "$backend"
  } >"$file"
}

# start_gateway BINARY [KEY=VALUE]…: its process id is $gateway_pid.
start_gateway() {
  local binary=$1
  shift
  [ -x "$binary" ] || fail "$binary is missing: dotnet publish src/FastSni -c Release -r linux-x64 -o artifacts/fastsni"
  write_ini "$work/gateway.ini" "$@"
  start gateway ${PIN:-} "$binary" run --config "$work/gateway.ini" >"$work/gateway.log" 2>&1
  gateway_pid=$!
  for _ in $(seq 100); do
    [ -z "$(in_space gateway ss -Hltn 'sport = :1005')" ] || return 0
    sleep 0.05
  done
  fail "the gateway did not open its ports: $(tail -n 5 "$work/gateway.log")"
}

stop_gateway() {
  kill -KILL "$gateway_pid"
  wait "$gateway_pid" 2>/dev/null || true
}

# field NAME: from a line of JSON of the load generator.
field() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

#!/usr/bin/env bash
# Installs what is missing (as root, on Debian), builds everything, publishes the gateway, and runs every test.
#   ./test.sh            all tests
#   ./test.sh --long     the long forms too: full mutation counts, soak-like runs
# The last line is `N passed, N failed, N skipped`; the exit status is 0 only if nothing failed.
set -euo pipefail
cd "$(dirname "$0")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
for argument in "$@"; do
  case "$argument" in
    --long) export FASTSNI_LONG=1 ;;
    *) echo "usage: ./test.sh [--long]" >&2; exit 2 ;;
  esac
done

# command:package pairs; the stream module has no command and is looked for by its file.
install_missing() {
  local missing=() pair
  for pair in nginx:nginx haproxy:haproxy apache2:apache2-bin openssl:openssl gnutls-cli:gnutls-bin testssl:testssl.sh sslscan:sslscan \
    h2load:nghttp2-client curl:curl pebble:pebble lego:lego strace:strace gcc:gcc ss:iproute2 fail2ban-server:fail2ban; do
    command -v "${pair%%:*}" >/dev/null || PATH="$PATH:/usr/sbin" command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
  done
  [ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || missing+=(libnginx-mod-stream)
  # The AOT linker needs zlib's headers' package on some systems, and libc's always.
  [ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
  [ -e /usr/include/stdio.h ] || missing+=(libc6-dev)
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "test.sh: not installed: ${missing[*]} (tests that need them are skipped; as root on Debian they are installed)" >&2
    return
  fi
  echo "test.sh: installing ${missing[*]}"
  apt-get update -qq
  # The peers are started by the tests, on loopback ports of their own; the packages' services are not wanted.
  DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

case "$(uname -m)" in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) echo "test.sh: no NativeAOT target for $(uname -m)" >&2; exit 1 ;;
esac

install_missing
echo "test.sh: building"
dotnet build FastSni.sln -c Release -v quiet --nologo
echo "test.sh: publishing the gateway (NativeAOT, $rid)"
dotnet publish src/FastSni -c Release -r "$rid" -o artifacts/fastsni -v quiet --nologo

passed=0 failed=0 skipped=0 broken=0
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for project in FastSni.Tests FastSni.NativeTests FastSni.EndToEnd; do
  echo "test.sh: $project"
  output="$results/$project.log"
  dotnet test "native-tests/$project" -c Release --no-build --nologo --logger "console;verbosity=normal" >"$output" 2>&1 || broken=1
  # Failures in full, skips with their reasons; the passed ones are only counted.
  grep -vE '^\s*Passed ' "$output" || true
  total() { sed -nE "s/^ *$1: *([0-9]+).*/\1/p" "$output" | tail -n 1; }
  all=$(total "Total tests")
  if [ -z "$all" ] || [ "$all" -eq 0 ]; then
    echo "test.sh: $project ran no test" >&2
    failed=$((failed + 1))
    continue
  fi
  project_passed=$(total Passed) project_failed=$(total Failed) project_skipped=$(total Skipped)
  passed=$((passed + ${project_passed:-0})) failed=$((failed + ${project_failed:-0})) skipped=$((skipped + ${project_skipped:-0}))
done

# A run that broke without a failed test (a crash of the runner) is a failure too.
if [ "$broken" -ne 0 ] && [ "$failed" -eq 0 ]; then
  failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

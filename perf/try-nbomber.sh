#!/usr/bin/env bash
# Tries to compile the load tests' NBomber adapter, in a copy, so that nothing of the ordinary build changes. The last line says which of the two it was.
# Fails only where the package can be restored and the adapter does not compile.
set -euo pipefail
cd "$(dirname "$0")/.."

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
mkdir "$copy/perf"
cp Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig global.json "$copy"
tar -c --exclude=bin --exclude=obj perf/FastSni.LoadTests perf/FastSni.Reports | tar -x -C "$copy"
cd "$copy/perf/FastSni.LoadTests"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if ! timeout 60 dotnet restore -p:UseNBomber=true -v quiet >restore.log 2>&1; then
  grep -oE '(error|warning) NU[0-9]+: .*' restore.log | sort -u | head -n 5 || true
  echo "NBomber adapter: not compiled, the package can't be restored here"
  exit 0
fi
if ! timeout 300 dotnet build -c Release --no-restore -p:UseNBomber=true -v quiet >build.log 2>&1; then
  tail -n 30 build.log >&2
  echo "NBomber adapter: does not compile" >&2
  exit 1
fi
echo "NBomber adapter: compiled"

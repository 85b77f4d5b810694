#!/usr/bin/env bash
# Coverage-guided fuzzing of one target for so many seconds, with AFL++ (Debian: apt-get install afl++) and SharpFuzz.
#   ./fuzz.sh hello|proxy|ini SECONDS
# What is found lies in artifacts/fuzz/TARGET/default/crashes and hangs; a second run goes on where the first has stopped.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -eq 2 ] || { sed -n '3p' "native-tests/FastSni.Fuzz/fuzz.sh" >&2; exit 2; }
target=$1 seconds=$2
program=artifacts/fuzz/program tools=artifacts/fuzz/tools work=artifacts/fuzz/$target

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
[ -x "$tools/sharpfuzz" ] || dotnet tool install SharpFuzz.CommandLine --version 2.3.0 --tool-path "$tools" >/dev/null
rm -rf "$program"
dotnet publish native-tests/FastSni.Fuzz -c Release -o "$program" -v quiet --nologo
mkdir -p "$work"
dotnet "$program/FastSni.Fuzz.dll" seeds "$target" "$work/seeds"
dotnet "$program/FastSni.Fuzz.dll" words >"$work/words"
# Only what reads the input is watched. The target itself is not: its own branches are no discovery.
for library in FastSni.Wire FastSni.Config; do
  "$tools/sharpfuzz" "$program/$library.dll"
done

dictionary=()
[ "$target" != ini ] || dictionary=(-x "$work/words")
input=$work/seeds
[ ! -d "$work/default" ] || input=-
export AFL_SKIP_BIN_CHECK=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_FORKSRV_INIT_TMOUT=60000
nice -n 19 afl-fuzz -i "$input" -o "$work" -t 5000 -m none -V "$seconds" "${dictionary[@]}" -- dotnet "$program/FastSni.Fuzz.dll" run "$target"

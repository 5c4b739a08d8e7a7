#!/usr/bin/env bash
# Runs every fuzzer, or those that match F, for S seconds each, from its seeds. New inputs stay in
# build/fuzz; a crash is printed with its file, and belongs into fuzz/seeds with the fix.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
for program in build/asan/fuzz/*"${F:-}"*_fuzz; do
    [ -x "$program" ] || { echo "no fuzzer matches F=$F; there are: $(cd build/asan/fuzz && ls -- *_fuzz | tr '\n' ' ')" >&2; exit 1; }
    name=$(basename "$program" _fuzz)
    mkdir -p "build/fuzz/$name"
    echo "== $name, ${S} s"
    "$program" -max_total_time="$S" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build/fuzz/$name-" \
        "build/fuzz/$name" "fuzz/seeds/$name" >"build/fuzz/$name.log" 2>&1 ||
        { tail -40 "build/fuzz/$name.log" >&2; echo "$name failed" >&2; failed=1; }
    grep -E 'number_of_executed|new_units' "build/fuzz/$name.log"
done
exit $failed

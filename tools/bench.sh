#!/usr/bin/env bash
# Runs the benches of the release build, or with B=name those whose name holds it. Their figures are
# ratios within one run; the machine's own come first, since they say how much to trust the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
B=${B:-}

if [ $# -gt 0 ]; then
    echo "usage: [B=aead|epochs|forward|joins|ladder|memory|mls|provider] tools/bench.sh (after make build); docs/performance.md explains the tables"
    [ "$1" = --help ] && exit 0 || exit 2
fi

machine() {
    echo "CPU:    $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)"
    echo "Kernel: $(uname -r)"
    echo "Load:   $(cut -d' ' -f1-3 /proc/loadavg) (1, 5, 15 minutes; near 0 before a run to be quoted)"
    echo "Build:  $(git describe --always --dirty 2>/dev/null || echo unknown)"
}

ran=0
machine
for program in build/release/bench/*_bench bench/*_bench.mjs; do
    name=$(basename "${program%.mjs}" _bench)
    [[ -z $B || $name == *"$B"* ]] || continue
    echo
    echo "== $name"
    case $program in *.mjs) node "$program" ;; *) "$program" ;; esac
    ran=$((ran + 1))
done
[ $ran -gt 0 ] || { echo "no bench matches B=$B" >&2; exit 1; }

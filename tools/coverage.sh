#!/usr/bin/env bash
# Which lines of src/e2ee its C tests run: a row for each folder, and all together last. The sanitizers'
# build counts them. Given a folder of counts it reads those; without, it runs the tests for them.
# Fails below LEAST percent.
set -euo pipefail
cd "$(dirname "$0")/.."
LEAST=90
counts=${1:-build/coverage}
programs=(build/asan/tests/e2ee/*_test)

run() {
    local program failed=0
    rm -rf "$counts" && mkdir -p "$counts"
    for program in "${programs[@]}"; do
        LLVM_PROFILE_FILE="$counts/%m-%p.profraw" "$program" >"$counts/out" 2>&1 ||
            { echo "FAIL $program"; tail -20 "$counts/out"; failed=1; }
    done
    return $failed
}

[ $# -gt 0 ] || run
llvm-profdata-19 merge -sparse "$counts"/*.profraw -o "$counts/all"
objects=()
for program in "${programs[@]}"; do objects+=(-object "$program"); done
# SF: a file; LF and LH: its lines, and those that ran.
llvm-cov-19 export -format=lcov -summary-only -instr-profile "$counts/all" "${objects[@]}" |
    awk -F: -v least=$LEAST '
        /^SF:/ { folder = ""; if (match($2, "src/e2ee/")) { folder = substr($2, RSTART); sub("/[^/]*$", "", folder) } }
        /^LF:/ && folder != "" { all[folder] += $2; sum += $2 }
        /^LH:/ && folder != "" { ran[folder] += $2; hit += $2 }
        END { for (f in all) printf "%-22s %6.1f %% of %5d lines\n", f, 100 * ran[f] / all[f], all[f] | "sort"
              close("sort")
              if (sum) printf "%-22s %6.1f %% of %5d lines\n", "together", 100 * hit / sum, sum
              exit !(sum && 100 * hit / sum >= least) }'

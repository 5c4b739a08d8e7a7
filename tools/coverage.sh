#!/usr/bin/env bash
# Which lines of src/e2ee its C tests run, a row for each folder: a build of its own, with clang's counters.
set -euo pipefail
cd "$(dirname "$0")/.."
build=build/coverage
profiles=$build/profiles
export LLVM_PROFILE_FILE=/dev/null # of what the build itself runs
[ -f $build/build.ninja ] || CC=clang-19 meson setup $build --buildtype=debug -Db_lundef=false \
    -Dc_args='-O1 -fprofile-instr-generate -fcoverage-mapping' -Dc_link_args=-fprofile-instr-generate >/dev/null
mapfile -t programs < <(ninja -C $build -t targets all | sed -n 's|^\(tests/e2ee/[a-z_]*_test\): .*|\1|p')
[ ${#programs[@]} -gt 0 ] || { echo 'no test found' >&2; exit 1; }
out=$(ninja -C $build "${programs[@]}" 2>&1) || { echo "$out"; exit 1; }

rm -rf $profiles && mkdir -p $profiles
failed=0
for program in "${programs[@]}"; do
    LLVM_PROFILE_FILE=$profiles/$(basename "$program").profraw $build/"$program" >$profiles/out 2>&1 ||
        { echo "FAIL $program"; tail -20 $profiles/out; failed=1; }
done
llvm-profdata-19 merge -sparse $profiles/*.profraw -o $profiles/all
objects=()
for program in "${programs[@]}"; do objects+=(-object "$build/$program"); done
# SF: a file; LF and LH: its lines, and those that ran.
llvm-cov-19 export -format=lcov -summary-only -instr-profile $profiles/all "${objects[@]}" |
    awk -F: '/^SF:/ { folder = ""; if (match($2, "src/e2ee/")) { folder = substr($2, RSTART); sub("/[^/]*$", "", folder) } }
             /^LF:/ && folder != "" { all[folder] += $2; sum += $2 }
             /^LH:/ && folder != "" { ran[folder] += $2; hit += $2 }
             END { for (f in all) printf "%-22s %6.1f %% of %5d lines\n", f, 100 * ran[f] / all[f], all[f]
                   if (sum) printf "%-22s %6.1f %% of %5d lines\n", "together", 100 * hit / sum, sum; else exit 1 }' | sort
exit $failed

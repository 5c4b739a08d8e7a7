#!/usr/bin/env bash
# Runs every test, or with T=name those whose name holds it, and ends with `N passed, N failed`.
# Unit tests and fuzz corpora run under ASan and UBSan; system and browser tests drive the release build.
set -uo pipefail
cd "$(dirname "$0")/.."
T=${T:-}
passed=0 failed=0 skipped=0
results=build/test-results
rm -rf "$results" && mkdir -p "$results"
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 ASAN_OPTIONS=detect_stack_use_after_return=1

# The results in TAP, one a line, without the suites that group them.
leaves() {
    awk '/^ *(not )?ok [0-9]+/ { if (held != "") print held; held = $0; sub(/^ */, "", held) }
         /type: .suite./ { held = "" }
         END { if (held != "") print held }' "$1"
}

# A program that prints TAP: counts its lines, shows what failed, and counts a crash as a failure.
run_tap() {
    local name=$1 out="$results/${1//\//-}.tap" status ok bad skip
    shift
    timeout "${LIMIT:-300}" "$@" >"$out" 2>"$out.err"
    status=$?
    leaves "$out" >"$out.leaves"
    skip=$(grep -ciE '# *skip' "$out.leaves") # cmocka says "not ok" of a skipped one
    ok=$(grep -viE '# *skip' "$out.leaves" | grep -cE '^ok ')
    bad=$(grep -viE '# *skip' "$out.leaves" | grep -cE '^not ok ')
    [ $status -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    [ $((ok + bad + skip)) -eq 0 ] && { bad=1; echo 'printed no test' >>"$out.err"; }
    passed=$((passed + ok)); failed=$((failed + bad)); skipped=$((skipped + skip))
    grep -iE '# *skip' "$out.leaves" | sed "s|^ *|   skipped in $name: |"
    if [ "$bad" -gt 0 ]; then
        echo "FAIL $name ($ok passed, $bad failed, exit $status)"
        grep -E -A8 '^ *not ok' "$out" | head -60
        tail -30 "$out.err"
    else
        echo "ok   $name ($ok)"
    fi
}

matches() { [ -z "$T" ] || [[ $1 == *"$T"* ]]; }

unit() {
    local program name
    for program in build/asan/tests/*/*_test build/asan/tests/*/*_alloc_check; do
        [ -x "$program" ] || continue
        name=${program#build/asan/tests/}
        matches "$name" && CMOCKA_MESSAGE_OUTPUT=TAP run_tap "$name" "$program"
    done
}

corpora() {
    local program name
    for program in build/asan/fuzz/*_fuzz; do
        [ -x "$program" ] || continue
        name=$(basename "$program" _fuzz)
        matches "fuzz/$name" || continue
        if timeout 120 "$program" -runs=0 -timeout=5 "fuzz/seeds/$name" >"$results/fuzz-$name.log" 2>&1 &&
            [ -n "$(ls "fuzz/seeds/$name" 2>/dev/null)" ]; then
            passed=$((passed + 1))
            echo "ok   fuzz/$name ($(ls "fuzz/seeds/$name" | wc -l) seeds)"
        else
            failed=$((failed + 1))
            echo "FAIL fuzz/$name"
            tail -20 "$results/fuzz-$name.log"
        fi
    done
}

web() {
    matches web && [ -f web/test.mjs ] && LIMIT=600 run_tap web node web/test.mjs
}

# System and browser tests are node programs; each ends all it started.
node_tests() {
    local file name
    for file in tests/"$1"/*.test.mjs; do
        [ -f "$file" ] || continue
        name=${file#tests/}
        matches "$name" && LIMIT=400 run_tap "${name%.test.mjs}" tests/net/in-namespace node --test --test-reporter=tap "$file"
    done
}

lint() {
    matches lint || return 0
    if tools/lint.sh >"$results/lint.log" 2>&1; then
        passed=$((passed + 1)); echo 'ok   lint'
    else
        failed=$((failed + 1)); echo 'FAIL lint'; tail -20 "$results/lint.log"
    fi
}

[ -d "$VECTORS" ] || echo "The published vectors are not at $VECTORS: tests that read them are skipped."
lint; unit; corpora; web; node_tests system; node_tests browser
[ $((passed + failed)) -gt 0 ] || { echo "no test matches T=$T" >&2; failed=1; }
if [ $skipped -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ $failed -eq 0 ]

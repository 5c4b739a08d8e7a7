#!/usr/bin/env bash
# Runs every test, or with T=name those whose name holds it, and ends with `N passed, N failed`.
# Unit tests and fuzz corpora run under ASan and UBSan; system and browser tests drive the release build.
#
# First lanes side by side: what draws, at a low priority; at the lowest the sanitizer build, and after
# it what computes; and system tests, which are idle most of the time and get the processor when they want
# it, with browser tests that are about no time. Then what waits for a path that has moved or changed.
# Then what is about time, and what carries media in browsers, which takes all there is, one after the
# other. A system or browser test that failed runs once more, alone: the first failure stays printed.
set -uo pipefail
cd "$(dirname "$0")/.."
T=${T:-}
results=build/test-results
rm -rf "$results" && mkdir -p "$results/counts"
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 ASAN_OPTIONS=detect_stack_use_after_return=1

# What came of a program: passed, failed, skipped. A file each, since lanes do not share variables.
count() { echo "$2 $3 $4" >"$results/counts/${1//\//-}"; }
sum() { awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }' /dev/null "$results"/counts/* 2>/dev/null; }

# The results in TAP, one a line, without the suites that group them.
leaves() {
    awk '/^ *(not )?ok [0-9]+/ { if (held != "") print held; held = $0; sub(/^ */, "", held) }
         /type: .suite./ { held = "" }
         END { if (held != "") print held }' "$1"
}

# A program that prints TAP: counts its lines, shows what failed, and counts a crash as a failure.
run_tap() {
    local name=$1 out="$results/${1//\//-}.tap" status ok bad skip from=$SECONDS
    shift
    timeout "${LIMIT:-300}" "$@" >"$out" 2>"$out.err"
    status=$?
    leaves "$out" >"$out.leaves"
    skip=$(grep -ciE '# *skip' "$out.leaves") # cmocka says "not ok" of a skipped one
    ok=$(grep -viE '# *skip' "$out.leaves" | grep -cE '^ok ')
    bad=$(grep -viE '# *skip' "$out.leaves" | grep -cE '^not ok ')
    [ $status -ne 0 ] && [ "$bad" -eq 0 ] && bad=1
    [ $((ok + bad + skip)) -eq 0 ] && { bad=1; echo 'printed no test' >>"$out.err"; }
    count "$name" "$ok" "$bad" "$skip"
    grep -iE '# *skip' "$out.leaves" | sed "s|^ *|   skipped in $name: |"
    if [ "$bad" -gt 0 ]; then
        echo "FAIL $name ($ok passed, $bad failed, exit $status)"
        grep -E -A40 '^ *not ok' "$out" | head -120
        tail -30 "$out.err"
    else
        echo "ok   $name ($ok, $((SECONDS - from)) s)"
    fi
}

matches() { [ -z "$T" ] || [[ $1 == *"$T"* ]]; }

# unit WHICH: those of src/e2ee, whose lines are counted, or the others
unit() {
    local program name
    for program in build/asan/tests/*/*_test; do
        [ -x "$program" ] || continue
        name=${program#build/asan/tests/}
        [[ $name == e2ee/* ]] && [ "$1" = others ] && continue
        [[ $name != e2ee/* ]] && [ "$1" = e2ee ] && continue
        LLVM_PROFILE_FILE=/dev/null
        [[ $name == e2ee/* ]] && LLVM_PROFILE_FILE=$PWD/$results/lines/%m-%p.profraw
        export LLVM_PROFILE_FILE
        matches "$name" && CMOCKA_MESSAGE_OUTPUT=TAP run_tap "$name" "$program"
    done
    [ "$1" = others ] || return 0
    name=media/slot_random_test # has a tenth of its switches there
    matches "$name" && CMOCKA_MESSAGE_OUTPUT=TAP run_tap "$name, release" "build/release/tests/$name"
    unset LLVM_PROFILE_FILE
}

# Of all tests together, so only when all of them ran.
coverage() {
    local log=$results/coverage.log
    [ -z "$T" ] || return 0
    if tools/coverage.sh "$results/lines" >"$log" 2>&1; then
        count coverage 1 0 0
        echo "ok   line coverage of src/e2ee: $(tail -1 "$log" | sed 's/^together *//')"
    else
        count coverage 0 1 0
        echo 'FAIL line coverage of src/e2ee'
        tail -20 "$log"
    fi
}

corpora() {
    local program name
    for program in build/asan/fuzz/*_fuzz; do
        [ -x "$program" ] || continue
        name=$(basename "$program" _fuzz)
        matches "fuzz/$name" || continue
        if timeout 120 "$program" -runs=0 -timeout=5 "fuzz/seeds/$name" >"$results/fuzz-$name.log" 2>&1 &&
            [ -n "$(ls "fuzz/seeds/$name" 2>/dev/null)" ]; then
            count "fuzz/$name" 1 0 0
            echo "ok   fuzz/$name ($(ls "fuzz/seeds/$name" | wc -l) seeds)"
        else
            count "fuzz/$name" 0 1 0
            echo "FAIL fuzz/$name"
            tail -20 "$results/fuzz-$name.log"
        fi
    done
}

web() {
    matches web && [ -f web/test.mjs ] && LIMIT=900 run_tap web node web/test.mjs
}

# System and browser tests are node programs; each ends all it started.
node_test() {
    local file=tests/$1.test.mjs
    [ -f "$file" ] && matches "$1.test.mjs" || return 0
    LIMIT=${LIMIT:-400} run_tap "$1" tests/net/in-namespace node --test --test-reporter=tap "$file"
}

# Those of system and browser tests that failed, run again with the machine to themselves. Many that
# fail are no accident of time, and stay as they are.
again() {
    local counts name failed=()
    for counts in "$results"/counts/{system,browser}-*; do
        [ -f "$counts" ] && [ "$(cut -d' ' -f2 "$counts")" -gt 0 ] && failed+=("${counts##*/}")
    done
    [ ${#failed[@]} -le 4 ] || return
    for name in "${failed[@]}"; do
        echo "again, alone: ${name/-//}"
        node_test "${name/-//}"
    done
}

idle=(system/{certificate,connections,door,proxy,serve,startup}) # ten seconds of processor time in four minutes
waiting=(browser/{evil,evil_groups,habits,link,readme,share,tls,transforms,turn,private,chat,settings})
drawing=(browser/look_meeting)       # as long as
painting=(browser/{look_pages,ui})   # these
moving=(system/roam)                 # half a minute of waiting for moves,
meanwhile=(system/{link,payload})    # in which these find all the time that they need,
falling=(system/blocked)             # and these two, which wait for a path to fall and rise
rising=(system/narrow)
timing=(system/flood)
computed=(browser/provider)

# The tests of a folder that have no lane above.
others() {
    local file name
    for file in tests/"$1"/*.test.mjs; do
        name=${file#tests/} name=${name%.test.mjs}
        [[ " ${idle[*]} ${waiting[*]} ${drawing[*]} ${painting[*]} ${moving[*]} ${meanwhile[*]} ${falling[*]} ${rising[*]} ${timing[*]} ${computed[*]} " == *" $name "* ]] || echo "$name"
    done
}

# lane NICENESS TEST...
lane() {
    local name
    renice -n "$1" -p "$BASHPID" >/dev/null 2>&1
    shift
    for name in "$@"; do node_test "$name"; done
}

# A lane of its own, NAME NICENESS TEST..., and the end of all such lanes, whose lines are printed then.
begun=()
beside() {
    begun+=("$results/$1.log")
    lane "${@:2}" >"$results/$1.log" 2>&1 &
}
meet() {
    wait
    cat "${begun[@]}"
    begun=()
}

# What runs without the sanitizer build needs not wait for it. A worker that records payloads and the C
# tests in WebAssembly are made by it too.
build_asan() {
    case $T in
    system/payload* | browser/provider*) ;;
    system* | browser* | lint) return ;;
    esac
    nice -n 19 make -s build-asan >"$results/build-asan.log" 2>&1 && { built=1; return; }
    count build-asan 0 1 0
    echo 'FAIL the build with sanitizers'
    tail -30 "$results/build-asan.log"
}

computing() {
    renice -n 19 -p "$BASHPID" >/dev/null 2>&1
    if [ -n "${built:-}" ]; then
        (web; node_test "${computed[@]}") >"$results/web.log" 2>&1 &
        (unit others; corpora) >"$results/unit.log" 2>&1 &
        unit e2ee; coverage
        wait
        cat "$results"/{unit,web}.log
    fi
    lint
}

lint() {
    matches lint || return 0
    if BUILT=${built:-} tools/lint.sh >"$results/lint.log" 2>&1; then
        count lint 1 0 0; echo 'ok   lint'
    else
        count lint 0 1 0; echo 'FAIL lint'; tail -20 "$results/lint.log"
    fi
}

[ -d "$VECTORS" ] || echo "The published vectors are not at $VECTORS: tests that read them are skipped."
beside idle 0 "${idle[@]}"
beside waiting 0 "${waiting[@]}"
beside system 0 $(others system)
LIMIT=900 beside drawing 10 "${drawing[@]}"
LIMIT=900 beside painting 10 "${painting[@]}"
build_asan
(computing)
meet
for name in moving meanwhile falling rising; do
    declare -n tests=$name
    beside "$name" 0 "${tests[@]}"
done
meet
lane 0 "${timing[@]}" $(others browser)
again
read -r passed failed skipped < <(sum)
: "${passed:=0}" "${failed:=0}" "${skipped:=0}"
[ $((passed + failed)) -gt 0 ] || { echo "no test matches T=$T" >&2; failed=1; }
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" -eq 0 ]

#!/usr/bin/env bash
# Everything `make lint` promises. QUICK=1 leaves out what needs a build; BUILT=1 says that both builds
# have just been made.
set -uo pipefail
shopt -s lastpipe # so that a complaint at the end of a pipe counts
cd "$(dirname "$0")/.."
failures=0
# Complains when its input is not empty, and shows it.
none() { local found; found=$(cat); [ -z "$found" ] || { echo "$found" >&2; fail "$1"; }; }
fail() { echo "lint: $1" >&2; failures=$((failures + 1)); }

c_files() { git ls-files --cached --others --exclude-standard 'src/*.[ch]' 'tests/*.[ch]' 'fuzz/*.[ch]' 'bench/*.[ch]'; }
# A file of one kind whose bare name does not tell is still ours: those on disk only.
existing() { while read -r f; do [ -f "$f" ] && echo "$f"; done; }

format() {
    c_files | existing | xargs -r clang-format-19 --dry-run -Werror 2>&1 | grep -E 'error' | sort -u | head -20 |
        none "C is not formatted; run make format"
}

file_headers() {
    local f
    for f in $(c_files | existing); do
        head -c 3 "$f" | grep -q '^/\* ' || fail "$f: the first line must say what the file is for"
    done
    for f in $(git ls-files --cached --others --exclude-standard 'web/src/*.ts' 'web/src/*.tsx' | existing); do
        head -c 2 "$f" | grep -qE '^(//|/\*)' || fail "$f: the first line must say what the file is for"
    done
}

# Which folders of src/ a folder may include. The architecture, as a table.
may_include() {
    case $1 in
    base) echo 'base' ;;
    crypto) echo 'base crypto' ;;
    media) echo 'base crypto media' ;;
    worker) echo 'base crypto media worker' ;;
    server) echo 'base crypto media/control.h server' ;;
    e2ee) echo 'base crypto e2ee' ;;
    client) echo 'base crypto media e2ee client' ;;
    esac
}

include_direction() {
    local folder line file included allowed ok
    for folder in base crypto media worker server e2ee client; do
        while IFS=: read -r file line; do
            included=${line#*\"}; included=${included%%\"*}
            ok=0
            for allowed in $(may_include "$folder"); do
                case $included in "$allowed" | "$allowed"/*) ok=1 ;; esac
            done
            [ $ok -eq 1 ] || fail "$file includes \"$included\": $folder may include only $(may_include "$folder"), written from src/"
        done < <(grep -nE '^ *# *include *"' -r "src/$folder" --include='*.[ch]' | sed -E 's/^([^:]+):[0-9]+:/\1:/')
    done
}

libraries() {
    grep -nE '# *include *<(openssl/|intel-ipsec-mb|sodium)' -r src --include='*.[ch]' | grep -v '^src/crypto/' |
        none 'only src/crypto may name a crypto library'
    grep -rniE 'sqlite3_|"(select|insert|update|delete) ' src --include='*.c' | grep -v '^src/server/store_' |
        none 'SQL belongs to src/server/store_*'
}

# Fuzzers may be built to take a wrong tag for a right one; nothing else may.
unsafe_switches() {
    git grep -lE 'IC_FUZZ_SKIP_AUTHENTICATION' -- '*meson*' Makefile tools packaging | grep -vxE 'fuzz/meson.build|tools/lint.sh' |
        none 'only fuzz/meson.build may switch authentication off'
}

web() {
    [ -d web/node_modules ] || return 0
    (cd web && node_modules/.bin/tsc -p . && node_modules/.bin/biome check --error-on-warnings src build.mjs 2>&1 | tail -40) ||
        fail 'TypeScript'
    local from to
    for from in state:ui signal:ui,state,media,e2ee media:ui,state e2ee:ui,state,signal,media; do
        for to in $(tr , ' ' <<<"${from#*:}"); do
            grep -rnE "from \"\.\./$to/" "web/src/${from%%:*}" 2>/dev/null | grep -v '\.test\.ts' |
                none "web/src/${from%%:*} imports $to; the direction is ui, state, then signal, media, e2ee"
        done
    done
}

# A page links to a file that is there, from where the page lies.
links() {
    local page target
    git ls-files --cached --others --exclude-standard '*.md' | existing | while read -r page; do
        grep -oE '\]\([^)]+\)' "$page" | sed -E 's/^..//; s/\)$//; s/#.*//' | grep -vE '^($|https?:)' | while read -r target; do
            [ -e "$(dirname "$page")/$target" ] || echo "$page links to $target"
        done
    done | none 'a link leads nowhere'
}

# The server and the worker must not contain the end-to-end core: not one of its symbols.
symbols() {
    local program core
    # (The archive for others has our cryptography in it, too.)
    core=$(find build/release/src/e2ee -name 'lib*.a' ! -name libincamera-mls.a -exec nm --defined-only -g {} + 2>/dev/null | awk 'NF==3 {print $3}' | sort -u)
    [ -n "$core" ] || { fail 'build/release/src/e2ee/libe2ee.a has no symbols to look for'; return; }
    for program in build/release/src/server/incamera build/release/src/worker/incamera-media; do
        [ -n "$(nm "$program" 2>/dev/null)" ] || { fail "$program is missing or stripped"; continue; }
        nm "$program" | awk '{print $NF}' | sort -u | comm -12 - <(echo "$core") |
            none "$program contains the end-to-end core"
    done
}

# Keys of frames come from the group: nothing is left of the first stage, where the link alone gave them.
first_stage() {
    local names='ic_(link_(keys|base_key|announcement)|e2ee_(announcement|epoch_begin|member_|new_for_group))'
    find build/release/src/e2ee build/release/src/client -name 'lib*.a' -exec nm {} + 2>/dev/null | awk '{print $NF}' |
        grep -E "^$names" | sort -u | none 'the keys of the first stage are back'
}

foreign_hosts() {
    local found
    [ -d build/web ] || { fail 'build/web is missing'; return; }
    # Namespace names are not addresses of anything that is fetched.
    found=$(grep -rhoE "(https?|wss?)://[a-zA-Z0-9.-]+" build/web | grep -vE '://(www\.w3\.org|host)$' | sort -u)
    [ -z "$found" ] || fail "the web bundle names foreign hosts: $found"
}

hardening() {
    local program header
    for program in build/release/src/server/incamera build/release/src/worker/incamera-media build/release/src/client/incamera-client; do
        [ -f "$program" ] || continue
        header=$(readelf -hlWd "$program")
        grep -q 'DYN (Position-Independent' <<<"$header" || fail "$program is not position independent"
        grep -q 'GNU_RELRO' <<<"$header" && grep -qE 'BIND_NOW|NOW' <<<"$header" || fail "$program lacks full RELRO"
        grep -qE 'GNU_STACK.* RW ' <<<"$header" || fail "$program has an executable stack"
        grep -q __stack_chk_fail <<<"$(nm -D "$program")" || fail "$program lacks the stack protector"
        grep -qE '_chk(@|$)' <<<"$(nm -D "$program")" || fail "$program lacks FORTIFY"
    done
}

format; file_headers; include_direction; libraries; unsafe_switches; links
[ -n "${QUICK:-}" ] || {
    [ -n "${BUILT:-}" ] || make -s build build-asan >/dev/null || fail 'the build has warnings or errors (gcc: build/release, clang: build/asan)'
    web; symbols; first_stage; foreign_hosts; hardening
}
[ $failures -eq 0 ] && echo 'lint: clean' || { echo "lint: $failures complaints" >&2; exit 1; }

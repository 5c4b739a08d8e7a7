#!/usr/bin/env bash
# Installs what is missing: Debian packages from packaging/packages.txt, npm packages from the lockfile.
# Quick and without root when nothing is missing. `tools/setup.sh bench` adds the packages of `make bench`.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted() {
    grep -vE '^(#|$)' packaging/packages.txt | sed -nE "s/^([a-z0-9.+-]+)\$/\1/p${1:+;s/^$1: //p}"
}

# npm of another origin than Debian's comes inside its nodejs package, so the command counts.
have() {
    case $1 in
    npm) command -v npm >/dev/null ;;
    *) dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^ii' ;;
    esac
}

install_debian() {
    local missing=() as_root=()
    for package in $(wanted "${1:-}"); do have "$package" || missing+=("$package"); done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "These Debian packages are missing and installing them needs root: ${missing[*]}" >&2
            echo "Run as root: apt-get install ${missing[*]}" >&2
            exit 1
        }
        as_root=(sudo)
    fi
    echo "Installing from Debian: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq || true
    DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || {
        echo "Debian could not install: ${missing[*]}. The lines above say why." >&2
        exit 1
    }
}

install_npm() {
    [ -f web/package-lock.json ] || return 0
    cmp -s web/package-lock.json web/node_modules/.installed 2>/dev/null && return
    echo "Installing npm packages from web/package-lock.json"
    (cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || {
        echo "npm could not install the packages of web/package-lock.json. The lines above say why." >&2
        exit 1
    }
    cp web/package-lock.json web/node_modules/.installed
    # Meson looks for PQClean there: a build made before looks again.
    find build -maxdepth 2 -name build.ninja -exec touch -d @0 {} + 2>/dev/null || true
}

install_debian "$@"
install_npm

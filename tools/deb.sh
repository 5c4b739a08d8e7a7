#!/usr/bin/env bash
# Makes Debian packages of what is committed, into build/deb: the sources are copied aside, with the browser client
# as `make build` made it, and built as Debian builds.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -nE "s/^  version: '(.*)',$/\1/p" meson.build)
out=build/deb
tree=$out/incamera-$version

grep -q "^incamera ($version)" packaging/debian/changelog || {
    echo "packaging/debian/changelog does not begin with version $version of meson.build" >&2
    exit 1
}
rm -rf "$out" && mkdir -p "$tree/build" "$tree/web/node_modules"
git archive HEAD | tar -x -C "$tree"
cp -r packaging/debian "$tree/debian"
cp -r build/web "$tree/build/web"
cp -r web/node_modules/pqclean "$tree/web/node_modules/pqclean"
(cd "$tree" && dpkg-buildpackage --build=binary --no-sign) >"$out/build.log" 2>&1 || {
    tail -40 "$out/build.log" >&2
    exit 1
}
rm -rf "$tree"
lintian --fail-on error "$out"/*.changes
ls "$out"/*.deb

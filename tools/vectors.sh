#!/usr/bin/env bash
# Brings the published vectors of MLS that the tests read and $VECTORS does not have. Nothing calls this but
# `make vectors`; VECTORS_FROM names another place with the same files.
set -euo pipefail
cd "$(dirname "$0")/.."
commit=cfd450286d1bfd9cd2519b95c80f9771f94a5b1a
from=${VECTORS_FROM:-https://raw.githubusercontent.com/mlswg/mls-implementations/$commit/test-vectors}
folder=${VECTORS:-../shared/vectors}/mls
mkdir -p "$folder"
# Those that a test names.
for file in $(grep -rhoE 'mls_vectors\("[a-z_-]+\.json"' tests/e2ee | cut -d'"' -f2 | sort -u); do
    if [ -f "$folder/$file" ]; then
        echo "there    $file"
    elif curl -fsSL --max-time 120 -o "$folder/$file.part" "$from/$file"; then
        mv "$folder/$file.part" "$folder/$file"
        echo "brought  $file"
    else
        rm -f "$folder/$file.part"
        echo "MISSING  $file" >&2
        failed=1
    fi
done
exit "${failed:-0}"

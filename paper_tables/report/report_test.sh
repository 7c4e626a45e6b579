#!/usr/bin/env bash
# report_test.sh report_test.py PAGE NUMBERS: runs it where there is a Python.
set -euo pipefail
if ! command -v python3 >/dev/null; then
  echo "SKIPPED: no python3 here; tools/packages_ci.txt has what this test needs"
  exit 0
fi
# Whatever it writes goes there.
export HOME=$TEST_TMPDIR PYTHONDONTWRITEBYTECODE=1
exec python3 "$@"

#!/usr/bin/env bash
# What print_table.sh --require_recorded says of reports, and that record.sh puts
# its file into the source tree.
set -euo pipefail
scripts=$PWD/paper_tables
work=$TEST_TMPDIR/run
mkdir -p "$work/paper_tables" "$work/source/paper_tables"
ln -s "$PWD/tools" "$work/tools"
cd "$work"

# expect STATUS REPORT
expect() {
  printf '%s\n' "$2" >paper_tables/all.txt
  local status=0
  bash "$scripts/print_table.sh" all --require_recorded >/dev/null 2>errors || status=$?
  if ((status != $1)); then
    echo "FAILED: status $status, not $1, for: $2" >&2
    cat errors >&2
    exit 1
  fi
}
expect 0 "12 of 12 numbers equal the recorded run to the last digit."
expect 1 "11 of 12 numbers equal the recorded run to the last digit."
expect 1 "2 of 12 numbers equal the recorded run to the last digit."
expect 1 "12 of 120 numbers equal the recorded run to the last digit."
expect 1 "no such line"

# One table does not say how many of its numbers are the recorded run's.
cp paper_tables/all.txt paper_tables/table3.txt
if bash "$scripts/print_table.sh" table3 --require_recorded >printed 2>errors ||
  [[ -s printed ]] || ! grep -q '^ERROR: unknown argument "--require_recorded"; usage: ' errors; then
  echo "FAILED: --require_recorded of one table: $(cat printed errors)" >&2
  exit 1
fi

printf 'header\na\nb\n' >paper_tables/all_recorded.csv
BUILD_WORKSPACE_DIRECTORY=$work/source bash "$scripts/record.sh" | grep -q "^Recorded 2 numbers"
cmp paper_tables/all_recorded.csv source/paper_tables/recorded.csv
if bash "$scripts/record.sh" --x 2>/dev/null; then
  echo "FAILED: record.sh takes unknown arguments" >&2
  exit 1
fi
echo PASSED

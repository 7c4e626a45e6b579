#!/usr/bin/env bash
# record.sh: makes the last full run the recorded one, paper_tables/recorded.csv.
set -euo pipefail
if (($# > 0)); then
  echo "ERROR: unknown argument $1; usage: bazel run //paper_tables:record" >&2
  exit 2
fi
: "${BUILD_WORKSPACE_DIRECTORY:?run it by bazel run //paper_tables:record}"
recorded=$BUILD_WORKSPACE_DIRECTORY/paper_tables/recorded.csv
install -m 644 paper_tables/all_recorded.csv "$recorded.new"
mv "$recorded.new" "$recorded"
echo "Recorded $(($(wc -l <"$recorded") - 1)) numbers in $recorded"

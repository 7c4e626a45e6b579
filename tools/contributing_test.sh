#!/usr/bin/env bash
# Holds CONTRIBUTING.md to what it shows: applies each of its diffs to a copy of the
# tree and runs the command below it there, with a Bazel of its own.
#
#   contributing_test.sh WORKSPACE     the file, as a runfile
set -euo pipefail

source tools/nested_bazel.sh "$1"
tree=$TEST_TMPDIR/tree
nested_tree "$tree"
# The commands say `bazel`.
nested_wrapper "$TEST_TMPDIR/bin" "$TEST_TMPDIR/bazel" \
  "${nested_cache[@]}"
export PATH=$TEST_TMPDIR/bin:$PATH
documented "$TEST_TMPDIR"

cd "$tree"
count=0
for diff in "$TEST_TMPDIR"/[0-9].diff; do
  # Of code: neither blank nor a comment.
  lines=$(grep '^+' "$diff" | grep -vcE '^[+]([+][+] .*|[[:space:]]*(//|# ).*|[[:space:]]*)$')
  echo "== $(basename "$diff"): $lines lines in $(grep -c '^+++ ' "$diff") files"
  ((lines < 20)) || { echo "not fewer than 20 lines"; exit 1; }
  apply "$diff"
  cat "${diff%.diff}.sh"
  bash -euo pipefail "${diff%.diff}.sh"
  count=$((count + 1))
done
# The added data set has nothing that was chosen on the paper's.
bazel build //experiments/logistic:toy_family
status=0
grep -E 'explosion|gradient_descent' bazel-bin/experiments/logistic/toy_family.textproto || status=$?
# 2 is a file that is not there.
((status == 1)) || exit 1
((count >= 4)) || { echo "only $count diffs in CONTRIBUTING.md"; exit 1; }

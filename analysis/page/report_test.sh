#!/usr/bin/env bash
# report_test.sh REPORT_SH REPORT_MAIN: the page of a small file, of separable data,
# and of data sets that have no cells.
set -euo pipefail
report=$PWD/$1 main=$PWD/$2
cd "$TEST_TMPDIR"
has() { grep -qF -- "$2" "$1" || { echo "no \"$2\" in:"; cat "$1"; exit 1; }; }

awk 'BEGIN { srand(1); for (i = 0; i < 200; i++) { x = rand() - 0.5; y = rand() - 0.5
  print (x + y + rand() > 0.5 ? 1 : -1), "1:" x, "2:" y, "3:" rand() } }' >data
few=(--features=3 --epochs=3 --batch_sizes=4,16 --methods=sgd,adagrad)
"$main" --libsvm=data "${few[@]}" >page
has page 'data: 200 rows, 3 features, 4 dimensions'
# Signed data: no closed form, and a certificate of each.
has page 'Mixing, '
has page 'Cholesky'
has page 'AdaGrad, M = 16, epoch 3'
has page 'sigma_* (E.3)'
has page 'not of a file'
has page 'On data AdaGrad'
longest=$(awk '{ if (length > n) n = length } END { print n }' page)
((longest <= 110)) || { echo "a line of $longest characters"; exit 1; }
"$main" --libsvm=data "${few[@]}" | cmp - page

# Separable: there is no w*, and no distances to it.
printf '%s\n' '1 1:1' '1 1:2' '-1 1:-1' '-1 1:-2' >separable
"$main" --libsvm=separable --features=1 "${few[@]:1}" >page
has page 'there is no certified w*'
has page 'no distances were measured'

refuses() {
  local wanted=$1
  shift
  if "$@" >out 2>errors; then echo "not refused: $*"; exit 1; fi
  has errors "$wanted"
}
refuses 'is required' "$main"
refuses 'none: ' "$main" --libsvm=none --features=3
BUILD_WORKSPACE_DIRECTORY=$PWD refuses \
  'no cells of "a9a"; build them first: bazel build' \
  bash -c "cd / && $report ${main#/} a9a"

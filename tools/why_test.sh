#!/usr/bin/env bash
# What tools/why.sh says of a cell of the toy data set, as its inputs change.
#
#   why_test.sh WORKSPACE     the file, as a runfile
set -euo pipefail
source tools/nested_bazel.sh "$1"
nested_tree "$TEST_TMPDIR/tree"
nested_wrapper "$TEST_TMPDIR/bin" "$TEST_TMPDIR/bazel" \
  "${nested_cache[@]}"
export PATH=$TEST_TMPDIR/bin:$PATH
documented "$TEST_TMPDIR"
cd "$TEST_TMPDIR/tree"
apply "$TEST_TMPDIR/1.diff" >/dev/null
bash <(grep -v '^bazel' "$TEST_TMPDIR/1.sh")
cell=//experiments/logistic:toy_sgd_m16

# why LINE...: says the cell's name and the first line, then the others, no more.
why() {
  { printf '%s\n' "$cell: $1"; shift; printf '  %s\n' "$@"; } | sed '/^ *$/d' >"$TEST_TMPDIR/expected"
  tools/why.sh "$cell" | diff "$TEST_TMPDIR/expected" - || { echo "FAILED"; exit 1; }
}

why 'was not built here'
bazel build $cell
why 'up to date'
# Another method's field is not in this cell's spec.
cp experiments/logistic/small.textproto "$TEST_TMPDIR"
sed -i 's/beta1: 0.9 /beta1: 0.8 /; s/^  epochs: .*/  epochs: 7/' experiments/logistic/small.textproto
echo '1 1:0.5' >>data/files/toy
why 'changed since its last build' \
  "spec      logistic.epochs: 7, was $(sed -n 's/^  epochs: //p' "$TEST_TMPDIR/small.textproto")" \
  'source    data/files/toy (spec, data, optimum)' \
  'source    experiments/logistic/small.textproto (spec, optimum)'
cp "$TEST_TMPDIR/small.textproto" experiments/logistic
sed -i '$d' data/files/toy
why 'up to date'
echo '// A remark.' >>experiments/logistic/train/cell.cc
sed -i 's/-fno-math-errno/-fmath-errno/' .bazelrc
why 'changed since its last build' \
  'source    experiments/logistic/train/cell.cc (trainer)' \
  'flags     CppCompile -fmath-errno: new' \
  'flags     CppCompile -fno-math-errno: gone'
sed -i 's/-fmath-errno/-fno-math-errno/' .bazelrc
bazel build $cell
why 'up to date'
chmod u+w bazel-bin/experiments/logistic/toy_sgd_m16.result.pb
echo >>bazel-bin/experiments/logistic/toy_sgd_m16.result.pb
why 'made of the same as in its last build, but what was made is gone or was changed'
echo PASSED

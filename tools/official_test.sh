#!/usr/bin/env bash
# official_test.sh WORKSPACE: an official file whose address nobody answers: missing,
# put into the distdir, and changed there, in builds of a copy of the tree with a
# Bazel of its own.
set -euo pipefail
source tools/nested_bazel.sh "$1"
fail() {
  echo "FAILED: $*"
  cat "$TEST_TMPDIR/log"
  exit 1
}
# Not this machine's files.
distdir=$TEST_TMPDIR/shared/distdir
mkdir -p "$distdir"
nested_tree "$TEST_TMPDIR/tree"
nested_wrapper "$TEST_TMPDIR/bin" "$TEST_TMPDIR/bazel" "${nested_cache[@]}"
trap 'nested_stop "$TEST_TMPDIR/bazel"' EXIT
cd "$TEST_TMPDIR/tree"
printf '1 1:1\n-1 1:-1\n' >toy
# entry CHECKSUM: a data set with a url and that.
entry() {
  sed -i '/^# The test'"'"'s/,$d' data/datasets.bzl
  echo "# The test's
DATASETS.append(_dataset(name = \"toy\", protocol = \"small\", $1 url = \"http://127.0.0.1:9/toy\"))" \
    >>data/datasets.bzl
}
printf '%s\n' 'name: "toy" rows: 2 features: 1 mean_nonzeros: 1' \
  'positive_label: "1" negative_label: "-1"' >data/specs/toy.textproto
build() { "$TEST_TMPDIR/bin/bazel" build "$@" >"$TEST_TMPDIR/log" 2>&1; }
said() { grep -qE "$1" "$TEST_TMPDIR/log" || fail "no \"$1\""; }
taken() { cmp -s toy bazel-bin/data/official/toy; }

entry ''
! build //data:official_toy || fail "a file without a checksum"
said 'data set toy: sha256, or md5, goes with url'

entry "sha256 = \"$(sha256sum <toy | cut -d' ' -f1)\","
build //data:official_toy || fail "a file that is missing stops the build"
said 'toy could not be had: its numbers come from a SYNTHETIC STAND-IN'
! taken || fail "from where?"
! build --//data:require_official=true //data:toy || fail "a stand-in that was refused"
said 'refuses a'

cp toy "$distdir"
build //data:official_toy && taken || fail "the next build does not take the file"
build --//data:require_official=true //data:toy || fail "an official file is refused"

echo '1 1:2' >>"$distdir/toy"
! build //data:official_toy || fail "a changed file is taken"
said 'toy has the wrong checksum: its sha256 is '
# By Bazel, which knows it by its sha256, before any of our builds looks.
"$TEST_TMPDIR/bin/bazel" clean --expunge >/dev/null 2>&1
cp toy "$distdir"
build //data:official_toy && taken || fail "Bazel's own distdir is not looked at"
if grep 'could not be had' "$TEST_TMPDIR/log"; then exit 1; fi
echo PASSED

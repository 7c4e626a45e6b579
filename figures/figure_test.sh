#!/usr/bin/env bash
# figure_test.sh LABEL... -- RENDERER FLAG...: draws a figure twice, at two
# times and from two environments, compares the bytes, and looks for the labels
# in the picture. Also: no path in any file, a file cut after its header gives a
# picture that says so, and one cut before it one line of error and no output.
set -euo pipefail

fail() {
  echo "FAIL: $*" >&2
  exit 1
}

labels=()
while [[ $1 != -- ]]; do
  labels+=("$1")
  shift
done
shift
out=$TEST_TMPDIR

"$@" --out="$out/one"
sleep 1.1
mkdir "$out/elsewhere"
env HOME="$out/elsewhere" TMPDIR="$out/elsewhere" TZ=Asia/Tokyo LC_ALL=C \
  LANG=en_US.UTF-8 FONTCONFIG_FILE=/dev/null "$@" --out="$out/two"
for extension in svg pdf png csv txt; do
  cmp "$out/one.$extension" "$out/two.$extension"
  ! grep -aF -e "$out" -e "$PWD" "$out/one.$extension" ||
    fail "a path in $extension"
done
# Newer releases of Cairo compress it away.
! grep -a CreationDate "$out/one.pdf" | grep -v 'D:19700101000000Z' ||
  fail "the PDF's date is not the fixed one"
grep -aq DejaVuSans "$out/one.pdf" || fail "the PDF's font is not DejaVu Sans"

# Without tags, so that a label may have subscripts.
text=$(sed 's/<[^>]*>//g' "$out/one.svg")
for label in "${labels[@]}"; do
  [[ $text == *"$label"* ]] || fail "the picture has no \"$label\""
done

# Without points it says so, and why.
(echo "# note: as a test" && sed '/^[^#]/q' "$out/one.csv") >"$out/empty.csv"
"$@" --csv="$out/empty.csv" --out="$out/empty"
text=$(sed 's/<[^>]*>//g' "$out/empty.svg")
[[ $text == *"no point to draw"* && $text == *"as a test"* ]] ||
  fail "the picture does not say that it is empty"
grep -qx "There is no point to draw." "$out/empty.txt" || fail "$(cat "$out/empty.txt")"

grep '^#' "$out/empty.csv" >"$out/cut.csv"
if "$@" --csv="$out/cut.csv" --out="$out/bad" 2>"$out/error"; then
  fail "a file without a header was drawn"
fi
[[ $(cat "$out/error") == "ERROR: "*"the file ends without a header" &&
  $(wc -l <"$out/error") == 1 ]] || fail "$(cat "$out/error")"
[[ -z $(compgen -G "$out/bad*") ]] || fail "output in spite of an error"

#!/usr/bin/env bash
# Holds CONTRIBUTING.md to what it shows: applies each of its diffs to a copy of the
# tree and runs the command below it there, with a Bazel of its own.
#
#   contributing_test.sh WORKSPACE     the file, as a runfile
set -euo pipefail

root=$(dirname "$(readlink -f "$1")")
tree=$TEST_TMPDIR/tree
mkdir -p "$tree" "$TEST_TMPDIR/bin"
tar -C "$root" --exclude='./bazel-*' --exclude=./.git -cf - . | tar -C "$tree" -xf -
if [[ -e $root/../shared ]]; then
  ln -s "$(readlink -f "$root/../shared")" "$TEST_TMPDIR/shared"
fi

# The commands say `bazel`. This one has its own output, but the disk cache of the
# machine, if any: what a change does not touch has been compiled already.
home=$(getent passwd "$(id -u)" | cut -d: -f6)
cache=$home/.cache/anisograd-bazel
options=(--color=no --curses=no --noshow_progress)
if [[ -d $cache && -w $cache ]]; then options+=("--disk_cache=$cache"); fi
cat >"$TEST_TMPDIR/bin/bazel" <<WRAPPER
#!/bin/sh
verb=\$1
shift
exec $(command -v bazel) --output_user_root=$TEST_TMPDIR/bazel "\$verb" ${options[*]} "\$@"
WRAPPER
chmod +x "$TEST_TMPDIR/bin/bazel"
export PATH=$TEST_TMPDIR/bin:$PATH HOME=$home

# NUMBER.diff and NUMBER.sh, from the fenced blocks in their order.
awk -v dir="$TEST_TMPDIR" '
  /^```diff$/ { ++n; out = dir "/" n ".diff"; next }
  /^```sh$/ { out = dir "/" n ".sh"; next }
  /^```/ { out = ""; next }
  out != "" { print > out }' "$root/CONTRIBUTING.md"

cd "$tree"
count=0
for diff in "$TEST_TMPDIR"/[0-9].diff; do
  # Of code: neither blank nor a comment.
  lines=$(grep '^+' "$diff" | grep -vcE '^[+]([+][+] .*|[[:space:]]*(//|# ).*|[[:space:]]*)$')
  echo "== $(basename "$diff"): $lines lines in $(grep -c '^+++ ' "$diff") files"
  ((lines < 20)) || { echo "not fewer than 20 lines"; exit 1; }
  patch --strip=1 --no-backup-if-mismatch --fuzz=0 <"$diff"
  cat "${diff%.diff}.sh"
  bash -euo pipefail "${diff%.diff}.sh"
  count=$((count + 1))
done
((count >= 4)) || { echo "only $count diffs in CONTRIBUTING.md"; exit 1; }

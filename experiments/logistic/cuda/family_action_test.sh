#!/usr/bin/env bash
# family_action_test.sh CPU... -- DEVICE...: the results of a family's one action
# are the bytes of its cells' own.
set -euo pipefail
declare -A expected=()
while [[ $1 != -- ]]; do
  expected[$(basename "$1")]=$1
  shift
done
shift
if (($# == 0 || $# != ${#expected[@]})); then
  echo "$# results of the device, ${#expected[@]} of the CPU" >&2
  exit 1
fi
for actual in "$@"; do
  cmp "$actual" "${expected[$(basename "$actual")]}"
done
echo "$# results, all equal"

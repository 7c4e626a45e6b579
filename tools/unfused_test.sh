#!/usr/bin/env bash
# unfused_test.sh PROGRAM...: no program joins a product and a sum unless the code
# says so. Fused multiply-adds that the code asks for are vfmadd and the like;
# vfmaddsub and vfmsubadd come from the compiler alone: g++ 12 makes them in spite
# of -ffp-contract=off, g++ 14 does not, and results would depend on which it was.
# What needs it is built with UNFUSED (tools/concept.bzl).
set -euo pipefail
status=0
for program in "$@"; do
  # main: or nothing has been looked at.
  found=$(objdump -d --no-show-raw-insn "$program" |
    grep -E 'vfm(addsub|subadd)| <main>:$' || true)
  [[ $found == *'<main>:'* ]] || { echo "FAIL: no code in $program"; status=1; }
  if [[ $found == *vfm* ]]; then
    echo "FAIL: $program rounds a product and a sum at once:"
    grep -m 3 vfm <<<"$found"
    status=1
  fi
done
exit $status

#!/usr/bin/env bash
# unfused_test.sh PROGRAM...: no program joins a product and a sum unless the code
# says so. Fused multiply-adds that the code asks for are vfmadd and the like;
# vfmaddsub and vfmsubadd come from the compiler alone: g++ 12 makes them in spite
# of -ffp-contract=off, g++ 14 does not, and results would depend on which it was.
# What needs it is built with UNFUSED (tools/concept.bzl).
set -euo pipefail
status=0
for program in "$@"; do
  code=$(objdump -d --no-show-raw-insn "$program")
  # A program has code, or nothing has been looked at.
  grep -q 'ret' <<<"$code" || { echo "FAIL: no code in $program"; status=1; }
  if found=$(grep -E 'vfm(addsub|subadd)' <<<"$code"); then
    echo "FAIL: $program rounds a product and a sum at once:"
    head -n 3 <<<"$found"
    status=1
  fi
done
exit $status

#!/usr/bin/env bash
# unfused_test.sh PROGRAM...: no program has instructions that it must not have.
#
# None joins a product and a sum unless the code says so. Fused multiply-adds that
# the code asks for are vfmadd and the like; vfmaddsub and vfmsubadd come from the
# compiler alone: g++ 12 makes them in spite of -ffp-contract=off, g++ 14 does not,
# and results would depend on which it was. Where g++ 12 did, it
# compiles without vectors of its own (tools/base:eigenvalues).
#
# None needs AVX-512 (its vectors, its sixteen further registers, its masks, its
# conversions) but in functions that are called where there is one: those of the
# namespace N_AVX3 (tools/base/isa.h), and TrainWideGroups with those of Lanes<8, ...>
# (experiments/logistic/lanes/wide_lanes.cc).
set -euo pipefail
avx512='%zmm|%k[0-7]|%[xy]mm(1[6-9]|2[0-9]|3[01])|usi2s|2usi|2uqq|uqq2'
status=0
for program in "$@"; do
  # main: or nothing has been looked at.
  found=$(objdump -d --no-show-raw-insn "$program" |
    grep -E "^[0-9a-f]+ <|vfm(addsub|subadd)|$avx512" | awk -v "avx512=$avx512" '
    function fail(why) { if (n++ < 3) print "FAIL: " why }
    /^[0-9a-f]+ <.*>:$/ { function_ = $2 }
    function_ == "<main>:" { seen = 1 }
    /vfm(addsub|subadd)/ { fail("rounds a product and a sum at once: " function_ $0) }
    $0 ~ avx512 && !/^[0-9a-f]+ </ && function_ !~ /N_AVX3|LanesILi8E|TrainWideGroups/ { fail("AVX-512: " function_ $0) }
    END { if (!seen) fail("no code") }')
  if [[ -n $found ]]; then
    printf '%s\n' "$program" "$found"
    status=1
  fi
done
exit $status

#!/usr/bin/env bash
# run_once.sh BINARY ARGUMENT...: runs its benchmarks for as short as it can. Fails
# if one reports an error, for which Google Benchmark itself exits with 0.
set -euo pipefail
# Google Benchmark is a shared library here, which gives back what our code's own
# C++ library has taken: no mistake, but what a sanitizer takes for one.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:alloc_dealloc_mismatch=0
out=$("$@" --benchmark_min_time=0.0001)
echo "$out"
! grep "ERROR OCCURRED" <<<"$out"

#!/usr/bin/env bash
# run_once.sh BINARY ARGUMENT...: runs its benchmarks for as short as it can. Fails
# if one reports an error, for which Google Benchmark itself exits with 0.
set -euo pipefail
out=$("$@" --benchmark_min_time=0.0001)
echo "$out"
! grep "ERROR OCCURRED" <<<"$out"

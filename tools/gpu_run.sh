#!/usr/bin/env bash
# gpu_run.sh tests|bench|sanitize [LOGS]: from the unpacked gpu_bundle.tar.gz,
# on a machine with an NVIDIA driver and CUDA's libraries and nothing else of
# the project. Writes one log per program to the folder LOGS (gpu_logs).
#   tests     every device test
#   bench     every benchmark, as text and as JSON; and where python3 has torch,
#             gpt2_step_bench's steps in PyTorch, and how many times as fast ours
#             are. PEER_FILTER chooses the steps (a regular expression), and
#             BENCH_TOKENS=FILE takes a token file's lengths instead of made-up
#             ones
#   sanitize  every device test under compute-sanitizer: memcheck, racecheck,
#             initcheck; needs the sanitizer of the CUDA toolkit
# Fails if any program does, after running them all.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usage="usage: gpu_run.sh tests|bench|sanitize [LOGS]"
what=${1:?$usage}
logs=${2:-gpu_logs}
mkdir -p "$logs" || exit 1
export LD_LIBRARY_PATH=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
failed=0

# LOG COMMAND...
logged() {
  local log=$logs/$1
  shift
  "$@" 2>&1 | tee "$log"
  local status=${PIPESTATUS[0]}
  if ((status != 0)); then
    echo "gpu_run.sh: failed ($status), see $log" >&2
    failed=1
  fi
}

case $what in
  tests)
    logged device_tests.log "$here/bin/device_tests"
    ;;
  bench)
    # Names the device and its clocks.
    if command -v nvidia-smi >/dev/null; then logged device.log nvidia-smi -q; fi
    for program in "$here"/bin/*_bench; do
      name=$(basename "$program")
      logged "$name.log" "$program" --benchmark_repetitions=5 \
        --benchmark_min_time=0.1 \
        --benchmark_out="$logs/$name.json" --benchmark_out_format=json
      # Google Benchmark exits with 0 even where benchmarks had errors.
      if grep -q '"error_occurred": true' "$logs/$name.json"; then
        echo "gpu_run.sh: benchmarks with errors, see $logs/$name.log" >&2
        failed=1
      fi
    done
    if python3 -c 'import torch' 2>/dev/null; then
      ours=$logs/gpt2_step_bench.json
      peer=$logs/gpt2_cuda_peer.json
      logged gpt2_cuda_peer.log python3 "$here/peers/gpt2_cuda_peer.py" \
        "$ours" "$peer" \
        --filter="${PEER_FILTER:-/bf16/.*/tokens:16384/.*/dropout$}"
      logged peer_ratios.log python3 "$here/peers/peer_ratios.py" \
        "$ours" "$peer"
    else
      echo "gpu_run.sh: no python3 with torch, hence no peer" >&2
    fi
    ;;
  sanitize)
    sanitizer=$(command -v compute-sanitizer ||
      echo "${CUDA_HOME:-/usr/local/cuda}/bin/compute-sanitizer")
    if [[ ! -x $sanitizer ]]; then
      echo "gpu_run.sh: no compute-sanitizer in PATH or CUDA_HOME" >&2
      exit 1
    fi
    for tool in memcheck racecheck initcheck; do
      logged "$tool.log" "$sanitizer" --tool="$tool" --error-exitcode=9 \
        "$here/bin/device_tests"
    done
    ;;
  *)
    echo "$usage" >&2
    exit 2
    ;;
esac
exit "$failed"

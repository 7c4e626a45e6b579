#!/usr/bin/env bash
# gpu_run.sh tests|bench|sanitize [LOGS]
# gpu_run.sh record --revision=REVISION [--dataset=F]
#   [--weights=F | --random_start] [--save_weights=F] [--out=FOLDER] SPEC...
# gpu_run.sh run PROGRAM ARGUMENT...
# From the unpacked gpu_bundle.tar.gz, on a machine with an NVIDIA driver and
# CUDA's libraries and nothing else of the project. Fails if any program does,
# after running them all. The first three write one log per program to the
# folder LOGS (gpu_logs).
#   tests     every device test, each suite by itself: after a fault of the
#             device a program can do nothing more with it
#   bench     every benchmark, as text and as JSON; and where python3 has torch,
#             gpt2_step_bench's steps in PyTorch, and how many times as fast ours
#             are. PEER_FILTER chooses the steps (a regular expression), and
#             BENCH_TOKENS=FILE takes a token file's lengths instead of made-up
#             ones
#   sanitize  every device test under compute-sanitizer: memcheck, racecheck,
#             initcheck; needs the sanitizer of the CUDA toolkit
#   record    runs GPT-2 experiments, one after the other, and writes FOLDER
#             (gpu_recorded)/NAME.textproto for experiments/gpt2/recorded. What
#             was interrupted goes on when the same command is given again; what
#             is there already is not run again. NAME.made_of says of which
#             revision, data and weights that is: with others it is refused, and
#             stays. SPEC is a file, or one of the bundle by NAME:
#             alpaca_sgd_m64, smoothness_full, pretrain.
#             F are a token file, without which it is data/DATASET.bin of the
#             bundle, by the spec's `dataset`, and weights that experiments start
#             from, official or pre-trained: --save_weights keeps those that
#             `pretrain` ends with, and --random_start says that there
#             are none. REVISION is that of the sources of the
#             bundle: git rev-parse HEAD.
#   run       any program of the bundle, such as train_family_cuda
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usage="usage: gpu_run.sh tests|bench|sanitize [LOGS], or gpu_run.sh record \
--revision=REVISION [--dataset=F] [--weights=F | --random_start] [--save_weights=F] \
[--out=FOLDER] SPEC..., or gpu_run.sh run PROGRAM ARGUMENT..."
what=${1:?$usage}
shift
failed=0

complain() {
  echo "gpu_run.sh: $*" >&2
  failed=1
}

# Where the bundle's programs find libraries. Other programs, such as python3,
# keep what they have.
libraries=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
ours() { LD_LIBRARY_PATH=$libraries "$@"; }
missing() { ours ldd "$here"/bin/* 2>&1 | grep 'not found' | sort -u; }
# The machine's own C++ libraries, unless they are too old.
lacking=$(missing)
if [[ $lacking =~ GLIBCXX|CXXABI|GCC_|libstdc|libgcc ]]; then
  libraries=$here/lib/compiler:$libraries
fi
# CUDA's may be where the loader does not look: in the toolkit, or in packages
# that Python's torch came with.
if [[ $lacking =~ libcublasLt[.a-z0-9]* ]]; then
  packages=$(python3 -c 'import nvidia; print(nvidia.__path__[0])' 2>/dev/null)
  for folder in "${CUDA_HOME:-/usr/local/cuda}/lib64" "$packages"/*/lib; do
    if [[ -e $folder/${BASH_REMATCH[0]} ]]; then
      libraries=$libraries:$folder
      break
    fi
  done
fi
if [[ -n $lacking ]]; then
  lacking=$(missing)
  if [[ -n $lacking ]]; then complain "the machine lacks libraries: $lacking"; fi
fi

# LOG COMMAND...
logged() {
  local log=$logs/$1
  shift
  "$@" 2>&1 | tee "$log"
  local status=${PIPESTATUS[0]}
  if ((status != 0)); then
    complain "failed ($status), see $log"
  fi
}

# Runs the suites of device_tests one after the other; names those that failed.
test_by_suite() {
  local tests=$here/bin/device_tests suite
  local -a suites bad=()
  mapfile -t suites < <(ours "$tests" --gtest_list_tests |
    sed -nE 's/^([A-Za-z0-9_/]+[.])( .*)?$/\1*/p')
  if ((${#suites[@]} == 0)); then suites=('*'); fi
  for suite in "${suites[@]}"; do
    ours "$tests" --gtest_filter="$suite" || bad+=("$suite")
  done
  echo "${#suites[@]} suites, ${#bad[@]} failed${bad[*]:+: ${bad[*]}}"
  ((${#bad[@]} == 0))
}

# PREFIX TOKENS WEIGHTS: whether PREFIX.made_of says that what there is of a
# result was made by this revision, of these data and weights. Where there is
# nothing yet, it will say so.
made_of_the_same() {
  local prefix=$1 made_of=$1.made_of now
  if ! now=$(
    set -e
    echo "revision $revision"
    sha256sum <"$2" | sed 's/^\([^ ]*\).*/data \1/'
    if [[ -z $3 ]]; then
      echo "weights none"
    else
      sha256sum <"$3" | sed 's/^\([^ ]*\).*/weights \1/'
    fi
  ); then
    complain "cannot read $2 ${3:+or $3}"
    return 1
  fi
  if [[ ! -e $prefix.result.pb && ! -e $prefix.ckpt ]]; then
    echo "$now" >"$made_of.tmp" && mv "$made_of.tmp" "$made_of" ||
      { complain "cannot write $made_of"; return 1; }
    return 0
  fi
  local before='nothing that is known'
  if [[ -e $made_of ]]; then before=$(<"$made_of"); fi
  if [[ $before == "$now" ]]; then return 0; fi
  complain "$prefix.* was made of" ${before//$'\n'/, } "and not of" \
    "${now//$'\n'/, }; give another --out, or remove it to run again"
  return 1
}

# SPEC: runs one experiment, unless its result is there, and records it.
record() {
  local spec=$1 found
  for found in "$here/specs/experiments/gpt2/$1"{_spec,}.textproto; do
    if [[ $1 != */* && -e $found ]]; then spec=$found; fi
  done
  local name
  name=$(basename "$spec" .textproto)
  name=${name%_spec}
  if [[ ! -e $spec ]]; then
    complain "no spec $1, neither a file nor in $here/specs/experiments/gpt2"
    return
  fi
  local kind=cell program=train_cuda
  if grep -q '^# proto-message: anisograd.Gpt2SmoothnessSpec$' "$spec"; then
    kind=smoothness program=smoothness_cuda
  fi
  local tokens=$dataset
  if [[ -z $tokens ]]; then
    tokens=$here/data/$(sed -n 's/^dataset: "\(.*\)"$/\1/p' "$spec").bin
    if [[ ! -e $tokens ]]; then
      complain "$name: no $tokens; give it by --dataset"
      return
    fi
  fi
  local start_weights=''
  if grep -q '^[^#]*OFFICIAL_WEIGHTS' "$spec"; then
    start_weights=$weights
  fi
  local result=$out/$name.result.pb recorded=$out/$name.textproto
  if ! made_of_the_same "$out/$name" "$tokens" "$start_weights"; then return; fi
  if [[ -e $result && $kind == cell && -n $save_weights && ! -e $save_weights ]]
  then
    complain "$name: $result is there, but its weights are not in" \
      "$save_weights; remove $out/$name.* to run it again"
    return
  fi
  if [[ ! -e $result ]]; then
    local -a command=("$here/bin/$program" --spec="$spec"
      --dataset="$tokens" --target="//experiments/gpt2:$name" --out="$result"
      --threads="$(nproc)")
    if [[ -n $start_weights ]]; then
      command+=(--weights="$start_weights")
    fi
    if [[ -n $random_start ]]; then command+=(--random_start); fi
    if [[ $kind == cell ]]; then
      # Between runs there is one in any case.
      command+=(--checkpoint="$out/$name.ckpt")
      if [[ -n $save_weights ]]; then
        command+=(--save_weights="$save_weights")
      fi
    fi
    if ! ours "${command[@]}"; then
      complain "$name failed"
      return
    fi
  fi
  if ours "$here/bin/record_result" --kind="$kind" --spec="$spec" \
    --result="$result" --source_revision="$revision" --out="$recorded"; then
    echo "$recorded"
  else
    complain "$name cannot be recorded"
  fi
}

logs=${1:-gpu_logs}
if [[ $what =~ ^(tests|bench|sanitize)$ ]]; then mkdir -p "$logs" || exit 1; fi

case $what in
  record)
    dataset='' revision='' weights='' random_start='' save_weights='' out=gpu_recorded
    specs=()
    for argument in "$@"; do
      case $argument in
        --dataset=*) dataset=${argument#*=} ;;
        --revision=*) revision=${argument#*=} ;;
        --weights=*) weights=${argument#*=} ;;
        --random_start) random_start=yes ;;
        --save_weights=*) save_weights=${argument#*=} ;;
        --out=*) out=${argument#*=} ;;
        -*) specs=() && break ;;
        *) specs+=("$argument") ;;
      esac
    done
    if [[ -z $revision || ${#specs[@]} -eq 0 ]]; then
      echo "$usage" >&2
      exit 2
    fi
    mkdir -p "$out" || exit 1
    for spec in "${specs[@]}"; do record "$spec"; done
    ;;
  run)
    program=${1:?$usage}
    shift
    if ! ours "$here/bin/$program" "$@"; then complain "$program failed"; fi
    ;;
  tests)
    logged device_tests.log test_by_suite
    ;;
  bench)
    # Names the device and its clocks.
    if command -v nvidia-smi >/dev/null; then logged device.log nvidia-smi -q; fi
    for program in "$here"/bin/*_bench; do
      name=$(basename "$program")
      logged "$name.log" ours "$program" --benchmark_repetitions=5 \
        --benchmark_min_time=0.1 \
        --benchmark_out="$logs/$name.json" --benchmark_out_format=json
      # Google Benchmark exits with 0 even where benchmarks had errors.
      if grep -q '"error_occurred": true' "$logs/$name.json"; then
        complain "benchmarks with errors, see $logs/$name.log"
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
      logged "$tool.log" ours "$sanitizer" --tool="$tool" --error-exitcode=9 \
        "$here/bin/device_tests"
    done
    ;;
  *)
    echo "$usage" >&2
    exit 2
    ;;
esac
exit "$failed"

#!/usr/bin/env bash
# gpu_run.sh tests|bench|sanitize [--filter=REGEX] [--benchmarks=REGEX]
#   [--tool=TOOL] [--list] [--seconds=N] [--pack=F] [LOGS]
# gpu_run.sh record --revision=REVISION [--dataset=F]
#   [--weights=F | --random_start] [--save_weights=F] [--out=FOLDER]
#   [--first_rates=RATE,...] [--checkpoint_seconds=N] [--seconds=N] [--pack=F]
#   SPEC...
# gpu_run.sh run PROGRAM ARGUMENT...
# gpu_run.sh probe
# From the unpacked gpu_bundle.tar.gz, on a machine with an NVIDIA driver and
# CUDA's libraries and nothing else of the project. The first line says whether
# driver and libraries fit. Fails if any program does, after running them all.
# The first three write one log per program to the folder LOGS (gpu_logs).
#   tests     every device test, in one process; if that fails, each suite by
#             itself, as after a fault of the device a program can do nothing more
#             with it
#   bench     every benchmark, as text and as JSON, the whole step first; and
#             behind it, where python3 has torch, its steps in PyTorch, and how
#             many times as fast ours are. PEER_FILTER chooses those (a regular
#             expression: compiling one for PyTorch takes a minute), and
#             BENCH_TOKENS=FILE takes a token file's lengths instead of made-up
#             ones
#   sanitize  every device test under compute-sanitizer, suite by suite: memcheck,
#             racecheck, initcheck, or TOOL alone; needs the sanitizer of the CUDA
#             toolkit. To memcheck, CUDA calls that fail are no errors: a test asks
#             for too much memory. What racecheck finds is run once more without
#             its eye on cp.async: racecheck_sync.log
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
#             `pretrain` ends with, and --random_start says that there are none.
#             REVISION is that of the sources of the bundle: git rev-parse HEAD.
#             --first_rates are the learning rates whose runs come first.
#             Within a run its state is kept every --checkpoint_seconds (600: the
#             GPU waits 10 s for it), between runs in any case.
#   run       any program of the bundle, such as train_family_cuda
#   probe     only prints where programs find libraries. With that in
#             GPU_RUN_LIBRARIES the others neither look nor say what fits
# --filter  the tests whose names, SUITE.TEST, match, or the benchmark programs;
#           --benchmarks, the benchmarks in those. Where none does, the script fails
# --list    only prints their names
# --seconds how long all may take: what is running then is stopped, what is left
#           is not begun, and the script fails
# --pack    where the one file goes that holds logs (logs/) and results
#           (recorded/), gpu_results.tar.gz: made anew whenever a suite, program or
#           experiment is over, within an experiment every 45 s (PACK_SECONDS), and
#           whole at any time. Checkpoints are in it
#           without their arrays: unpacked into FOLDER on another machine, they
#           save the runs that are over.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
usage="usage: gpu_run.sh tests|bench|sanitize [--filter=REGEX] \
[--benchmarks=REGEX] [--tool=TOOL] [--list] [--seconds=N] [--pack=F] [LOGS], or \
gpu_run.sh record --revision=REVISION [--dataset=F] [--weights=F | --random_start] \
[--save_weights=F] [--out=FOLDER] [--first_rates=RATE,...] [--checkpoint_seconds=N] \
[--seconds=N] [--pack=F] SPEC..., or gpu_run.sh run PROGRAM ARGUMENT..., or \
gpu_run.sh probe"
what=${1:?$usage}
shift
failed=0

logs=gpu_logs out=gpu_recorded pack=gpu_results.tar.gz filter='' deadline=''
benchmarks='' list='' tools=(memcheck racecheck initcheck) checkpoint_seconds=600
dataset='' revision='' weights='' random_start='' save_weights='' first_rates=''
others=()
wrong() {
  echo "$usage" >&2
  exit 2
}
if [[ $what != run ]]; then
  for argument in "$@"; do
    value=${argument#*=}
    case $what:$argument in
      *:--seconds=*)
        [[ $value =~ ^[0-9]+$ ]] || wrong
        deadline=$((SECONDS + value))
        ;;
      *:--pack=*) pack=$value ;;
      record:--dataset=*) dataset=$value ;;
      record:--revision=*) revision=$value ;;
      record:--weights=*) weights=$value ;;
      record:--random_start) random_start=yes ;;
      record:--save_weights=*) save_weights=$value ;;
      record:--out=*) out=$value ;;
      record:--first_rates=*) first_rates=$value ;;
      record:--checkpoint_seconds=*) checkpoint_seconds=$value ;;
      record:-*) wrong ;;
      *:--filter=*) filter=$value ;;
      *:--list) list=yes ;;
      bench:--benchmarks=*) benchmarks=$value ;;
      sanitize:--tool=*) tools=("$value") ;;
      *:-*) wrong ;;
      *) others+=("$argument") ;;
    esac
  done
fi
case $what in
  tests | bench | sanitize)
    if ((${#others[@]} > 1)); then wrong; fi
    logs=${others[0]:-$logs}
    mkdir -p "$logs" || exit 1
    ;;
  record)
    if [[ -z $revision || ${#others[@]} -eq 0 ]]; then wrong; fi
    mkdir -p "$out" || exit 1
    ;;
  run) ;;
  probe) mkdir -p "$logs" || exit 1 ;;
  *) wrong ;;
esac

complain() {
  echo "gpu_run.sh: $*" >&2
  failed=1
}

# Where the bundle's programs find libraries. Other programs, such as python3,
# keep what they have.
libraries=$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
ours() { LD_LIBRARY_PATH=$libraries "$@"; }
missing() { ours ldd "$here"/bin/* 2>&1 | grep 'not found' | sort -u; }
find_libraries() {
  local packages folder
  lacking=$(missing)
  if [[ -z $lacking ]]; then return; fi
  # The machine's own C++ libraries, unless they are too old.
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
  lacking=$(missing)
}

# One line: whether this machine's driver is new enough for the CUDA release that
# the bundle was built with, and has its libraries. What it asks of the driver,
# name and clocks too, is kept in device.log beside other logs.
say_what_fits() {
  local built='' gpu driver cuda fits='fits' state
  if [[ -e $here/cuda_release ]]; then built=$(<"$here/cuda_release"); fi
  state=$(nvidia-smi -q 2>/dev/null)
  field() { sed -nE "s/^ *$1 *: *(.*)/\1/p" <<<"$state" | head -1; }
  gpu=$(field 'Product Name') driver=$(field 'Driver Version')
  cuda=$(field 'CUDA Version')
  if [[ -n $state && -d $logs ]]; then echo "$state" >"$logs/device.log"; fi
  # Within a major release any driver does.
  if [[ -z $cuda ]]; then
    fits='no driver'
  elif ((10#${cuda%%.*} < 10#0${built%%.*})); then
    fits='the driver is too old'
  elif [[ -n $lacking ]]; then
    fits='libraries are missing'
  fi
  echo "gpu_run.sh: $fits: ${gpu:-no GPU}, driver ${driver:-none} for CUDA" \
    "${cuda:-none}, built with CUDA ${built:-unknown}"
}

# Packs logs and results into the one file.
pack_up() {
  local folder file size
  folder=$(mktemp -d) || return
  mkdir "$folder/logs" "$folder/recorded"
  if [[ -d $logs ]]; then cp -r "$logs/." "$folder/logs"; fi
  if [[ -d $out ]]; then
    for file in "$out"/*; do
      case $file in
        *.ckpt)
          # Magic number, checksum, size of the message, message: checkpoint.h.
          size=$(od -An -t u8 -j 72 -N 8 "$file")
          head -c $((80 + size)) "$file" >"$folder/recorded/$(basename "$file")"
          ;;
        *.textproto | *.pb | *.made_of) cp "$file" "$folder/recorded" ;;
      esac
    done
  fi
  # Of each process its own, as the packer's may be under way.
  file=$pack.tmp.$BASHPID
  tar -czf "$file" -C "$folder" logs recorded && mv "$file" "$pack" ||
    complain "cannot write $pack"
  rm -r "$folder"
}

# COMMAND..., packing what there is meanwhile: who ends this script from outside
# leaves no time for it.
packing() {
  local packer status
  (
    over='' nap=''
    trap 'over=yes; [[ -z $nap ]] || kill "$nap" 2>/dev/null' TERM
    until [[ -n $over ]]; do
      sleep "${PACK_SECONDS:-45}" >/dev/null 2>&1 &
      nap=$!
      # Asked to end before there was a nap to end.
      [[ -z $over ]] || kill "$nap" 2>/dev/null
      wait "$nap"
      if [[ -z $over ]]; then pack_up; fi
    done
  ) &
  packer=$!
  "$@"
  status=$?
  kill "$packer"
  wait "$packer"
  return "$status"
}

# Whether there is time for one more; else says what is not done.
time_is_left() {
  if [[ -z $deadline ]] || ((SECONDS < deadline)); then return 0; fi
  complain "no time left for $*"
  return 1
}
# COMMAND..., stopped when the time is over.
within_time() {
  if [[ -z $deadline ]]; then
    "$@"
    return
  fi
  # To `timeout` no seconds are no limit.
  local left=$((deadline - SECONDS))
  ((left > 0)) || return 124
  timeout --kill-after=10 "$left" "$@"
}

# LOG COMMAND..., behind what the log has already.
logged() {
  local log=$logs/$1
  shift
  "$@" 2>&1 | tee -a "$log"
  suite_status=${PIPESTATUS[0]}
  case $suite_status in
    0) ;;
    124 | 137) complain "out of time, see $log" ;;
    *) complain "failed ($suite_status), see $log" ;;
  esac
  pack_up
}

# Sets `chosen` to the benchmark programs that --filter and --benchmarks leave
# something of, the whole step first, and prints what with --list.
choose_benchmarks() {
  local program name found
  local -a names=(gpt2_step_bench)
  for program in "$here"/bin/*_bench; do
    name=$(basename "$program")
    if [[ $name != gpt2_step_bench ]]; then names+=("$name"); fi
  done
  chosen=()
  for name in "${names[@]}"; do
    program=$here/bin/$name
    if [[ ! -e $program || ! $name =~ $filter ]]; then continue; fi
    if ! found=$(ours "$program" --benchmark_list_tests=true \
      --benchmark_filter="$benchmarks"); then
      complain "$name cannot list its benchmarks"
    elif [[ -n $found ]]; then
      chosen+=("$name")
      if [[ -n $list ]]; then echo "$found"; fi
    fi
  done
  if ((${#chosen[@]} == 0)); then
    complain "no benchmark's name matches ${benchmarks:-$filter}"
  fi
}

# NAME: runs what choose_benchmarks() left of a program.
bench() {
  local name=$1 repetitions=3
  # Each makes a model of 124M.
  if [[ $name == gpt2_step_bench ]]; then repetitions=2; fi
  time_is_left "$name" || return
  : >"$logs/$name.log"
  logged "$name.log" ours within_time "$here/bin/$name" \
    --benchmark_filter="$benchmarks" \
    --benchmark_repetitions="$repetitions" --benchmark_min_time=0.1 \
    --benchmark_out="$logs/$name.json" --benchmark_out_format=json
  # Google Benchmark exits with 0 even where benchmarks had errors.
  if grep -q '"error_occurred": true' "$logs/$name.json"; then
    complain "benchmarks with errors, see $logs/$name.log"
  fi
}

# The steps of gpt2_step_bench in PyTorch, and the two side by side.
bench_peer() {
  local ours=$logs/gpt2_step_bench.json peer=$logs/gpt2_cuda_peer.json
  # Importing it takes seconds.
  if ! python3 -c 'import importlib.util, sys
sys.exit(importlib.util.find_spec("torch") is None)' 2>/dev/null; then
    echo "gpu_run.sh: no python3 with torch, hence no peer" >&2
    return
  fi
  time_is_left gpt2_cuda_peer || return
  : >"$logs/gpt2_cuda_peer.log"
  : >"$logs/peer_ratios.log"
  rm -f "$peer"
  logged gpt2_cuda_peer.log within_time python3 \
    "$here/peers/gpt2_cuda_peer.py" "$ours" "$peer" \
    --filter="${PEER_FILTER:-/bf16/.*/tokens:16384/adam/dropout$}"
  # Also of what there is when the time was over.
  logged peer_ratios.log python3 "$here/peers/peer_ratios.py" "$ours" "$peer"
}

# PREFIX TOKENS WEIGHTS: whether PREFIX.made_of says that what there is of a
# result was made by this revision, of these data and weights. Where there is
# nothing yet, it will say so.
made_of_the_same() {
  local prefix=$1 made_of=$1.made_of now
  if ! now=$(
    echo "revision $revision" &&
    sha256sum <"$2" | sed 's/^\([^ ]*\).*/data \1/' &&
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
  if grep -Eq '^[^#]*(OFFICIAL|PRETRAINED)_WEIGHTS' "$spec"; then
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
      --threads="$(nproc)" --checkpoint="$out/$name.ckpt"
      --checkpoint_seconds="$checkpoint_seconds")
    if [[ -n $start_weights ]]; then
      command+=(--weights="$start_weights")
    fi
    if [[ -n $random_start ]]; then command+=(--random_start); fi
    if [[ $kind == cell ]]; then
      command+=(--first_rates="$first_rates")
      if [[ -n $save_weights ]]; then
        command+=(--save_weights="$save_weights")
      fi
    fi
    if ! time_is_left "$name"; then return; fi
    if ! packing ours within_time "${command[@]}"; then
      complain "$name failed${deadline:+, or ran out of time}"
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

if [[ -n ${GPU_RUN_LIBRARIES-} ]]; then
  libraries=$GPU_RUN_LIBRARIES lacking=''
else
  find_libraries
  # The output of `run` is the program's alone.
  case $what in
    run) ;;
    probe) say_what_fits >&2 ;;
    *) say_what_fits ;;
  esac
fi
if [[ -n $lacking ]]; then complain "the machine lacks libraries: $lacking"; fi

source "$here/gpu_tests.sh"
case $what in
  record)
    for spec in "${others[@]}"; do
      record "$spec"
      pack_up
    done
    ;;
  run)
    program=${1:?$usage}
    shift
    if ! ours "$here/bin/$program" "$@"; then complain "$program failed"; fi
    ;;
  probe) echo "$libraries" ;;
  tests)
    run_tests
    ;;
  bench)
    choose_benchmarks
    if [[ -n $list ]]; then exit "$failed"; fi
    for name in "${chosen[@]}"; do
      bench "$name"
      if [[ $name == gpt2_step_bench ]]; then bench_peer; fi
    done
    ;;
  sanitize)
    sanitize
    ;;
esac
exit "$failed"

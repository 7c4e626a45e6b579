#!/usr/bin/env bash
# OUT=FOLDER gpu_lease.sh measure|bits|cells|figure1 --revision=REVISION
#   [--bundle=F] [--corpus=F] [--results=F] [--folder=FOLDER] [--seconds=N] [--list]
# What docs/gpu_plan.md plans for a short lease of a GPU, a command each:
#   measure  tests, racecheck, the next, our training step and PyTorch's, other
#            benchmarks
#   bits     a short training run, twice: fails where the bits differ
#   cells    pre-trains a stand-in for the official weights on a text, the CORPUS,
#            then cells of Table 4, as many as there is time for
#   figure1  pre-trains it too, then Figure 1 on a tenth of the examples
# Unpacks the bundle F into FOLDER (anisograd_lease in TMPDIR), where a command
# before has not, and works there. F and CORPUS end in .gz or .xz. Every part has
# its share of the N seconds (560, where a command may take 600), whatever became
# of those before. What there is lies in $OUT/gpu_results.tar.gz, whole at any
# time; --results takes that of an earlier lease, to go on with its cells and
# figure. --list only says what measure would run.
set -uo pipefail
usage=$(sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}")
wrong() {
  echo "usage: $usage" >&2
  exit 2
}
what=${1-}
shift || wrong
bundle='' revision='' corpus='' results='' total=560 list=()
folder=${TMPDIR:-/tmp}/anisograd_lease
failed=0
complain() {
  echo "gpu_lease.sh: $*" >&2
  failed=1
}
# What is missing is said now, not when half of the lease is over.
readable() {
  if [[ -f $1 && -r $1 ]]; then return; fi
  complain "cannot read $1"
  exit 1
}
for argument in "$@"; do
  value=${argument#*=}
  case $argument in
    --bundle=*) readable "$value" && bundle=$(realpath "$value") ;;
    --corpus=*) readable "$value" && corpus=$(realpath "$value") ;;
    --results=*) readable "$value" && results=$(realpath "$value") ;;
    --revision=*)
      revision=$value
      if [[ -z $revision ]]; then
        complain "--revision is empty: write it out, variables are not set here"
        exit 2
      fi
      ;;
    --folder=*) folder=$value ;;
    --seconds=*) total=$value ;;
    --list) list=(--list) ;;
    *) wrong ;;
  esac
done
[[ -n ${OUT-} && -n $revision && $total =~ ^[0-9]+$ ]] || wrong
out=$(realpath "$OUT")

# F: what it was before it was compressed. `xz` may be absent.
plain() {
  case $1 in
    *.xz)
      python3 -c 'import lzma, shutil, sys
shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$1"
      ;;
    *) gzip -dc "$1" ;;
  esac
}

if [[ ! -e $folder/gpu_run.sh ]]; then
  if [[ -z $bundle ]]; then
    complain "no bundle in $folder, so this is another machine: give --bundle"
    exit 1
  fi
  mkdir -p "$folder" && plain "$bundle" | tar -xf - -C "$folder" || exit 1
fi
cd "$folder" || exit 1
# A driver that nobody holds open begins anew with every process.
{ exec 9<>/dev/nvidia0; } 2>/dev/null || true
GPU_RUN_LIBRARIES=$(./gpu_run.sh probe) || failed=1
export GPU_RUN_LIBRARIES

# KEPT ARGUMENT...: gpu_run.sh for what is left, but for KEPT seconds of it.
part() {
  local left=$((total - SECONDS - $1))
  shift
  if ((left <= 0)); then
    complain "no time left for $*"
    return 1
  fi
  ./gpu_run.sh "$1" --seconds="$left" --pack="$out/gpu_results.tar.gz" "${@:2}" ||
    { failed=1; return 1; }
}

measure() {
  part 430 tests "${list[@]}"
  # Those whose threads share memory or fragments between barriers.
  local shares='TensorCore|AttentionTest|LayerNormTest|ClassifierTest'
  shares+='|FamilyTrainer.RowsOfSeveralWarps|HasTheBitsOfTheCpu/unit_norm_40'
  part 340 sanitize --tool=racecheck "${list[@]}" --filter="$shares"
  if [[ -z ${list[*]} ]]; then bits 270; fi
  part 110 bench "${list[@]}" --filter='^gpt2_step' \
    --benchmarks='/bf16/.*/tokens:16384/'
  part 0 bench "${list[@]}" --filter='^(attention|matrix_product|optimizer)_' \
    --benchmarks='^(Attention|Product)/bf16/|^Step/|^Norm'
  part 0 bench "${list[@]}" --filter='^layers_' --benchmarks='/bf16/|^Emb|^Round'
  part 0 bench "${list[@]}" --filter='^logistic_family_' \
    --benchmarks='^Family/|^Cell/.*/M:1/'
}

# KEPT: an epoch of the tokens that are there. The result does not say much, but
# has the log of every step and the SHA-256 of the weights. Among the logs it is
# packed by the parts that follow.
bits() {
  local copy same
  sed 's/^dataset: .*/dataset: "alpaca_tokens"/; s/^  epochs: .*/  epochs: 1/' \
    specs/experiments/gpt2/pretrain.textproto >pretrain.textproto
  for copy in bits_1 bits_2; do
    rm -rf "$copy"
    part "$1" record --revision="$revision" --out="$copy" pretrain.textproto
    cp $copy/pretrain.result.pb "gpu_logs/$copy.result.pb"
  done
  same=$(cmp bits_{1,2}/pretrain.result.pb 2>&1) && same='the same bits' || {
    complain "$same"
    for copy in bits_1 bits_2; do
      cp $copy/pretrain.result.pb "$out/$copy.result.pb"
    done
  }
  echo "$same" | tee "$out/bits.log" gpu_logs/bits.log
}

# What an earlier lease left. Its weights are not there, so they are made anew.
take_results() {
  if [[ -z $results ]]; then return; fi
  if [[ -e gpu_recorded ]]; then
    # The second command of a lease may be the first again.
    if cmp -s "$results" earlier/results; then return; fi
    complain "not taken: $results, as $folder has other results"
    exit 1
  fi
  rm -rf earlier taken
  mkdir earlier taken && cp "$results" earlier/results &&
    tar -xzf earlier/results -C taken --strip-components=1 recorded ||
    { complain "cannot take $results"; exit 1; }
  mv taken/pretrain.* earlier 2>/dev/null
  mv taken gpu_recorded
}

# The weights that the others start from.
pretrain() {
  take_results
  if [[ ! -e data/pretrain_tokens.bin ]]; then
    if [[ -z $corpus ]]; then
      complain "no tokens to pre-train on: give --corpus"
      exit 1
    fi
    # Of a corpus that is cut short the tokeniser makes a whole file, and its name
    # is the data set's: so elsewhere first.
    mkdir -p tokenised
    plain "$corpus" | ./gpu_run.sh run text_tokenize --corpus=- \
      --out=tokenised/pretrain_tokens.bin &&
      mv tokenised/pretrain_tokens.bin data || exit 1
  fi
  part 0 record --revision="$revision" --save_weights=stand_in.safetensors \
    pretrain || exit 1
  if [[ -e earlier/pretrain.result.pb ]] &&
    ! cmp {earlier,gpu_recorded}/pretrain.result.pb; then
    complain "not the weights of the earlier lease: its work cannot go on"
  fi
}
# ARGUMENT...: an experiment that starts from them.
from_pretrained() {
  part 0 record --revision="$revision" --weights=stand_in.safetensors "$@"
}

# In the order of what they decide.
cells() {
  local reading m
  pretrain
  for reading in '' lmflow_ unmasked_; do
    for m in 1024 128; do
      from_pretrained --first_rates=0.01,0.001,0.1 "alpaca_${reading}adagrad_m$m"
      from_pretrained --first_rates=1,0.1,0.01 "alpaca_${reading}sgd_m$m"
    done
  done
}

# One run, so that only a checkpoint within it saves anything: two, the second as
# late as it can be. Of 50 s the start takes 15 and the second's writing 12; each
# waits for a step, of up to 9. Of little time a checkpoint would take too much.
figure1() {
  pretrain
  local left=$((total - SECONDS))
  from_pretrained smoothness_tenth \
    --checkpoint_seconds=$((left > 150 ? (left - 50) / 2 : left))
}

case $what in
  measure | cells | figure1) "$what" ;;
  bits) bits 0 ;;
  *) wrong ;;
esac
exit "$failed"

#!/usr/bin/env bash
# OUT=FOLDER gpu_lease.sh measure|bits|cells --bundle=F [--revision=REVISION]
#   [--corpus=F] [--results=F] [--folder=FOLDER] [--seconds=N] [--list]
# What docs/gpu_plan.md plans for a short lease of a GPU, a command each:
#   measure  tests, racecheck, our training step and PyTorch's, other benchmarks
#   bits     a short training run, twice: fails where the bits differ
#   cells    pre-trains a stand-in for the official weights on a text, the CORPUS
#            (*.txt.xz), then cells of Table 4, as many as there is time for
# Unpacks the bundle F into FOLDER (anisograd_lease in TMPDIR), where a command
# before has not, and works there. Every part has its share of the N seconds (560,
# where a command may take 600), whatever became of those before. What there is
# lies in $OUT/gpu_results.tar.gz, whole at any time; --results takes that of an
# earlier lease, to go on with its cells. --list only says what measure would run.
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
for argument in "$@"; do
  value=${argument#*=}
  case $argument in
    --bundle=*) bundle=$(realpath "$value") ;;
    --corpus=*) corpus=$(realpath "$value") ;;
    --results=*) results=$(realpath "$value") ;;
    --revision=*) revision=$value ;;
    --folder=*) folder=$value ;;
    --seconds=*) total=$value ;;
    --list) list=(--list) ;;
    *) wrong ;;
  esac
done
[[ -n ${OUT-} && $total =~ ^[0-9]+$ ]] || wrong
[[ $what == measure || -n $revision ]] || wrong
out=$(realpath "$OUT")
failed=0
complain() {
  echo "gpu_lease.sh: $*" >&2
  failed=1
}

if [[ ! -e $folder/gpu_run.sh ]]; then
  mkdir -p "$folder" && tar -xzf "$bundle" -C "$folder" || exit 1
fi
cd "$folder" || exit 1

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
  part 340 sanitize --tool=racecheck "${list[@]}" \
    --filter='TensorCore|AttentionTest|LayerNormTest|ClassifierTest|FamilyTrainer'
  part 110 bench "${list[@]}" --filter='^gpt2_step' \
    --benchmarks='/bf16/.*/tokens:16384/'
  part 0 bench "${list[@]}" --filter='^(attention|matrix_product|optimizer)_' \
    --benchmarks='^(Attention|Product)/bf16/|^Step/|^Norm'
  part 0 bench "${list[@]}" --filter='^layers_' --benchmarks='/bf16/|^Emb|^Round'
  part 0 bench "${list[@]}" --filter='^logistic_family_' \
    --benchmarks='^Family/|^Cell/.*/M:1/'
}

# On tokens that are there: the result does not say much, but has the log of every
# step and the SHA-256 of the weights.
bits() {
  local copy same
  sed 's/^dataset: .*/dataset: "alpaca_tokens"/' \
    specs/experiments/gpt2/pretrain.textproto >pretrain.textproto
  for copy in bits_1 bits_2; do
    rm -rf "$copy"
    part 0 record --revision="$revision" --out="$copy" pretrain.textproto
  done
  same=$(cmp bits_{1,2}/pretrain.result.pb 2>&1) && same='the same bits' ||
    complain "$same"
  echo "$same" | tee "$out/bits.log"
}

# What an earlier lease left. Its weights are not there, so they are made anew.
take_results() {
  if [[ -z $results || -e gpu_recorded ]]; then return; fi
  mkdir gpu_recorded earlier &&
    tar -xzf "$results" -C gpu_recorded --strip-components=1 recorded || exit 1
  mv gpu_recorded/pretrain.* earlier 2>/dev/null
}

# In the order of what they decide.
cells() {
  local reading m
  take_results
  if [[ ! -e data/pretrain_tokens.bin ]]; then
    # `xz` may be absent.
    python3 -c 'import lzma, shutil, sys
shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$corpus" |
      ./gpu_run.sh run text_tokenize --corpus=- --out=data/pretrain_tokens.bin ||
      exit 1
  fi
  part 0 record --revision="$revision" --save_weights=stand_in.safetensors \
    pretrain || exit 1
  if [[ -e earlier/pretrain.result.pb ]] &&
    ! cmp {earlier,gpu_recorded}/pretrain.result.pb; then
    complain "not the weights of the earlier lease: its cells cannot go on"
  fi
  for reading in '' lmflow_ unmasked_; do
    for m in 1024 128; do
      cell 0.01,0.001,0.1 "alpaca_${reading}adagrad_m$m"
      cell 1,0.1,0.01 "alpaca_${reading}sgd_m$m"
    done
  done
}
# RATES NAME
cell() {
  part 0 record --revision="$revision" --weights=stand_in.safetensors \
    --first_rates="$1" "$2"
}

case $what in
  measure | bits | cells) "$what" ;;
  *) wrong ;;
esac
exit "$failed"

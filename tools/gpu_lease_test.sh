#!/usr/bin/env bash
# gpu_lease_test.sh BUNDLE GPU_LEASE GPU_PLAN with_cuda|without_cuda: what
# gpu_lease.sh selects is in the bundle, and the plan's commands do what it says
# of them, with programs that only say that they ran.
set -euo pipefail
bundle=$PWD/$1 lease=$PWD/$2 plan=$PWD/$3
if [[ $4 == without_cuda ]]; then
  echo "No CUDA toolkit: the bundle has no programs, nothing to check."
  exit 0
fi
fail() {
  echo "gpu_lease_test: $*" >&2
  exit 1
}
export OUT=$TEST_TMPDIR/out TMPDIR=$TEST_TMPDIR/tmp
mkdir -p "$OUT" "$TMPDIR" "$TEST_TMPDIR/checkout/tools" "$TEST_TMPDIR/path"
cd "$TEST_TMPDIR/checkout"
cp "$lease" tools/gpu_lease.sh

# Every part selects something of what is really there, and what it is for.
tools/gpu_lease.sh measure --bundle="$bundle" --list >listed ||
  fail "a part of measure selects nothing"
for name in 'AttentionTest/1.*' 'TensorCore.*' 'FamilyTrainer.*' \
  'Data/FamilyTrainerTest.*' 'Attention/bf16/backward/alpaca/dropout' \
  'Step/bf16/alpaca/tokens:16384/adagrad/dropout' Product/bf16/square/size:8192 \
  Step/AdaGrad/bf16_copy:1 Norm LayerNormBackward/bf16/dropout/tokens:16384 \
  Family/a9a Cell/a9a_adagrad/M:1; do
  grep -qE "^${name//[*]/[*]}(/iterations:1|/manual_time|/real_time)*\$" listed ||
    fail "no $name"
done

# The plan's commands, from a checkout that stays as it is.
real=$TMPDIR/anisograd_lease
cat >"$real/bin/train_cuda" <<'PROGRAM'
#!/bin/sh
for argument; do
  case $argument in
    --out=*) out=${argument#*=} ;;
    --target=*) target=${argument#*=} ;;
    --first_rates=*) rates=${argument#*=} ;;
    --save_weights=*) echo weights >"${argument#*=}" ;;
    --dataset=*) [ -s "${argument#*=}" ] || exit 1 ;;
    --checkpoint_seconds=600) pace=yes ;;
  esac
done
[ "$pace" ] || exit 1
echo "${target##*:} $rates" >>"$OUT/trained"
if [ -e "$OUT/differ" ]; then date +%N; else echo "$target"; fi >"$out"
PROGRAM
cat >"$real/bin/record_result" <<'PROGRAM'
#!/bin/sh
for argument; do out=${argument#--out=}; done
echo recorded >"$out"
PROGRAM
cat >"$real/bin/device_tests" <<'PROGRAM'
#!/bin/sh
case $* in
  *list_tests*) printf 'TensorCore.\n  A\nDeviceBuffer.\n  B\n' ;;
  *) echo "ran $*" ;;
esac
PROGRAM
rm "$real"/bin/*_bench
cat >"$real/bin/gpt2_step_bench" <<'PROGRAM'
#!/bin/sh
case $* in
  *list_tests*) echo Step/bf16/alpaca/tokens:16384/adam/dropout ;;
  *) echo "ran $*" && for a; do case $a in --benchmark_out=*) echo >"${a#*=}" ;; esac; done ;;
esac
PROGRAM
for name in attention layers logistic_family; do
  cp "$real"/bin/{gpt2_step,"$name"}_bench
done
cat >"$TEST_TMPDIR/path/compute-sanitizer" <<'PROGRAM'
#!/bin/sh
while [ "${1#--}" != "$1" ]; do shift; done
exec "$@"
PROGRAM
chmod +x "$TEST_TMPDIR/path/compute-sanitizer" "$real"/bin/*
export PATH=$TEST_TMPDIR/path:$PATH
tar -C "$real" -cf - . | gzip -1 >gpu_bundle.tar.gz
rm -r "$real"
printf 'Once upon\n<|endoftext|>\na time\n' |
  python3 -c 'import lzma, sys
lzma.open("corpus.txt.xz", "wb").write(sys.stdin.buffer.read())'
R=abc
checkout=$(ls)
# COMMAND: the plan's first such.
planned() {
  local line
  line=$(grep -m 1 "^tools/gpu_lease.sh $1" "$plan") || fail "no $1 in the plan"
  eval "$line"
}
planned measure || fail "measure"
tar -xzf "$OUT/gpu_results.tar.gz" -C "$TMPDIR"
for log in device_tests racecheck gpt2_step_bench attention_bench layers_bench \
  logistic_family_bench; do
  grep -q '^ran ' "$TMPDIR/logs/$log.log" || fail "no $log.log"
done
if grep -q DeviceBuffer "$TMPDIR/logs/racecheck.log"; then fail "all suites"; fi

planned bits || fail "bits"
[[ $(<"$OUT/bits.log") == 'the same bits' ]] || fail "bits.log: $(<"$OUT/bits.log")"
touch "$OUT/differ"
if planned bits; then fail "other bits are no failure"; fi
rm "$OUT"/{differ,trained}

planned cells || fail "cells"
{
  echo 'pretrain '
  for reading in '' lmflow_ unmasked_; do
    for m in 1024 128; do
      echo "alpaca_${reading}adagrad_m$m 0.01,0.001,0.1"
      echo "alpaca_${reading}sgd_m$m 1,0.1,0.01"
    done
  done
} | cmp - "$OUT/trained" || fail "trained: $(paste -sd ' ' "$OUT/trained")"
[[ $(ls) == "$checkout" ]] || fail "the checkout has $(ls)"

# The next lease, on a fresh machine, goes on from what came back, but for the
# weights; and not from others.
mv "$OUT/gpu_results.tar.gz" earlier.tar.gz
again() {
  rm -r "$real"
  planned bits || fail "bits again"
  rm "$OUT"/trained
  if [[ $1 == differ ]]; then touch "$OUT/differ"; fi
  planned 'cells .* --results=.*'
}
again same || fail "cells of the second lease"
[[ $(<"$OUT/trained") == 'pretrain ' ]] || fail "again: $(<"$OUT/trained")"
tar -tzf "$OUT/gpu_results.tar.gz" recorded/alpaca_unmasked_sgd_m128.textproto ||
  fail "not packed"
if again differ; then fail "goes on from other weights"; fi

# Without time nothing is begun.
if tools/gpu_lease.sh measure --seconds=0 2>said; then fail "no time, no error"; fi
grep -q 'no time left for tests' said || fail "no word of the time: $(<said)"

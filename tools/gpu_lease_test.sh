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
export OUT=$TEST_TMPDIR/out R=abc TMPDIR=$TEST_TMPDIR/tmp
mkdir -p "$OUT" "$TMPDIR" "$TEST_TMPDIR/checkout/tools" "$TEST_TMPDIR/path"
cd "$TEST_TMPDIR/checkout"
cp "$lease" tools/gpu_lease.sh

# Every part selects something of what is really there, and what it is for.
tools/gpu_lease.sh measure --bundle="$bundle" --revision=$R --list >listed ||
  fail "a part of measure selects nothing"
for name in 'AttentionTest/1.*' 'TensorCore.*' 'FamilyTrainer.*' \
  'Data/FamilyTrainerTest.*' FamilyTrainer.RowsOfSeveralWarps \
  Data/FamilyTrainerTest.HasTheBitsOfTheCpu/unit_norm_40 'Attention/bf16/backward/alpaca/dropout' \
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
    --spec=*) spec=${argument#*=} ;;
    --checkpoint_seconds=*) pace=${argument#*=} ;;
  esac
done
case $0:$pace in
  */train_cuda:600) ;;
  */smoothness_cuda:*) echo "$pace" >>"$OUT/paces" ;;
  *) exit 1 ;;
esac
case $out in
  bits_*) grep -q '^  epochs: 1$' "$spec" || exit 1 ;;
esac
echo "${target##*:} $rates" >>"$OUT/trained"
if [ -e "$OUT/differ" ]; then date +%N; else echo "$target"; fi >"$out"
PROGRAM
cp "$real"/bin/{train,smoothness}_cuda
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
tar -C "$real" -cf - . >"$TEST_TMPDIR/bundle.tar"
gzip -1 <"$TEST_TMPDIR/bundle.tar" >gpu_bundle.tar.gz
rm -r "$real"
compressed() { # to FILE
  python3 -c 'import lzma, sys
lzma.open(sys.argv[1], "wb", preset=0).write(sys.stdin.buffer.read())' "$1"
}
compressed gpu_bundle.tar.xz <"$TEST_TMPDIR/bundle.tar"
printf 'Once upon\n<|endoftext|>\na time\n' | compressed half.txt.xz
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
[[ $(<"$OUT/bits.log") == 'the same bits' ]] || fail "bits.log: $(<"$OUT/bits.log")"
cmp "$OUT/bits.log" "$TMPDIR/logs/bits.log" || fail "bits.log is not packed"
for copy in 1 2; do
  grep -q pretrain "$TMPDIR/logs/bits_$copy.result.pb" || fail "no bits_$copy packed"
done
touch "$OUT/differ"
if planned bits; then fail "other bits are no failure"; fi
[[ -e $OUT/bits_2.result.pb ]] || fail "what differs is not there"
rm "$OUT"/{differ,trained,bits_*}

# A command for a machine that is another one by now.
rm -r "$real"
if planned 'cells --rev' 2>"$TEST_TMPDIR/said"; then fail "cells without a bundle"; fi
grep -q 'this is another machine' "$TEST_TMPDIR/said" || fail "no word of the machine"
[[ ! -e $real ]] || fail "a folder without a bundle"

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
  rm "$OUT"/trained
  if [[ $1 == differ ]]; then touch "$OUT/differ"; fi
  planned 'cells .* --results=.*'
}
again same || fail "cells of the second lease"
[[ $(<"$OUT/trained") == 'pretrain ' ]] || fail "again: $(<"$OUT/trained")"
tar -tzf "$OUT/gpu_results.tar.gz" recorded/alpaca_unmasked_sgd_m128.textproto ||
  fail "not packed"
if again differ; then fail "goes on from other weights"; fi
rm "$OUT"/{differ,trained}

# refused TEXT STATUS ARGUMENT...: exits with it, says TEXT, and trains nothing.
refused() {
  local text=$1 expected=$2 status=0
  shift 2
  tools/gpu_lease.sh "$@" >"$TEST_TMPDIR/said" 2>&1 || status=$?
  [[ $status == "$expected" ]] && grep -q -- "$text" "$TEST_TMPDIR/said" ||
    fail "$* exits with $status and says $(<"$TEST_TMPDIR/said")"
  [[ ! -e $OUT/trained ]] || fail "$* trains $(<"$OUT/trained")"
}
refused '--revision is empty' 2 measure --revision=
for option in bundle corpus results; do
  refused 'cannot read nowhere' 1 cells --revision=$R --$option=nowhere
done
# Results that cannot be unpacked are not taken for none the next time; nor are
# others left out where there are some. A lease's second command may be its first.
rm -r "$real/gpu_recorded"
head -c 200 earlier.tar.gz >broken.tar.gz
for _ in first second; do
  refused 'cannot take' 1 cells --revision=$R --results=broken.tar.gz
done
planned 'cells .* --results=.*' || fail "not taken after broken ones"
[[ $(<"$OUT/trained") == 'pretrain ' ]] || fail "after broken ones: $(<"$OUT/trained")"
rm "$OUT/trained"
planned 'cells .* --results=.*' || fail "the same results again"
cp earlier.tar.gz other.tar.gz
echo more >>other.tar.gz
refused 'not taken: .*other' 1 cells --revision=$R --results=other.tar.gz
# A corpus that is cut short is refused as often as it comes: it lacks its checksum.
rm -r "$real/gpu_recorded" "$real/data/pretrain_tokens.bin"
printf 'Once upon\n<|endoftext|>\na time\n' | gzip | head -c -8 >cut.gz
for _ in first second; do
  refused 'unexpected end of file' 1 cells --revision=$R --corpus=cut.gz
done

# On the same machine the second command needs neither bundle nor corpus. The first
# has two checkpoints, and time to write the second; the second command none.
rm -r "$real"
planned figure1 || fail "figure1"
rm "$real"/gpu_recorded/smoothness_tenth.*
planned 'figure1 --rev' || fail "figure1 again"
printf '%s \n' pretrain smoothness_tenth smoothness_tenth | cmp - "$OUT/trained" ||
  fail "trained: $(<"$OUT/trained")"
mapfile -t paces <"$OUT/paces"
((${#paces[@]} == 2 && paces[0] > 200 && 2 * paces[0] <= 560 - 50 && paces[1] > 60)) ||
  fail "checkpoints every ${paces[*]} seconds"

# Without time nothing is begun.
if tools/gpu_lease.sh measure --revision=$R --seconds=0 2>said; then fail "no time, no error"; fi
grep -q 'no time left for tests' said || fail "no word of the time: $(<said)"

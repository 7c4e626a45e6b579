#!/usr/bin/env bash
# refusals_test.sh SWEEP CONVERT TOKENIZE TEXT_TOKENIZE TRAIN SOLVE EXPAND FAMILY
# DATASET_SPEC PROTOCOL: what people mistype, and what their data do, each with the one
# line that says so; and what a sweep prints where it has something to say.
set -euo pipefail
sweep=$PWD/$1 convert=$PWD/$2 tokenize=$PWD/$3 text_tokenize=$PWD/$4
train=$PWD/$5 solve=$PWD/$6 expand=$PWD/$7 family=$PWD/$8 dataset_spec=$PWD/$9
protocol=$PWD/${10}
cd "$TEST_TMPDIR"
fail() {
  echo "FAIL: $*" >&2
  exit 1
}

# TEXT COMMAND...: exits with 1, and TEXT is in its one line of error.
refuses() {
  local text=$1 status=0
  shift
  "$@" >out 2>errors </dev/null || status=$?
  [[ $status == 1 && $(<errors) == "ERROR: "*"$text"* && ! -s out &&
    $(wc -l <errors) == 1 ]] || fail "$* exits with $status: $(<errors)"
}

printf '+1 1:1\n-1 2:1\n+1 2:1\n-1 1:1\n' >plain
plain=("$sweep" --libsvm=plain --features=2)
refuses 'unexpected argument "adagrad"' "${plain[@]}" --methods sgd adagrad
refuses '--methods: no method "adgrad"; there are sgd, adagrad' \
  "${plain[@]}" --methods=sgd,adgrad
# Before the file is read.
refuses '--methods: no method' "$sweep" --libsvm=none --features=2 --methods=x
refuses '--epochs: must be a positive number, got "0"' "${plain[@]}" --epochs=0
refuses '--batch_sizes: must be positive numbers, got "1x"' \
  "${plain[@]}" --batch_sizes=1,1x
refuses '--batch_sizes: must be in 1 .. 2147483647, got 0' \
  "${plain[@]}" --batch_sizes=0
refuses '--batch_sizes: must be in 1 .. 2147483647, got 9223372036854775807' \
  "${plain[@]}" --batch_sizes=9223372036854775807
refuses '--batch_sizes: 4 stands twice' "${plain[@]}" --batch_sizes=4,1,4
refuses 'none: ' "$sweep" --libsvm=none --features=2
# As on a small machine.
for features in 2000000000 4294967294; do
  (ulimit -v 1500000 && refuses 'of memory' "$sweep" --libsvm=plain \
    --features=$features --epochs=1 --methods=sgd --batch_sizes=1)
done

few=(--epochs=1 --methods=sgd --batch_sizes=1,64)
"${plain[@]}" "${few[@]}" >swept
grep -q 'M = 64 exceeds the 4 rows' swept || fail "no note of M > n"
! grep -q 'M = 1 exceeds\|Every cell exploded' swept || fail "a note too many"
sed 's/logistic {/logistic {\n  last_batch: DROP/; /last_batch: KEEP/d' \
  "$protocol" >drop.textproto
refuses 'drop.textproto: batch_size: 64 exceeds the 4 rows, and last_batch: DROP' \
  "${plain[@]}" "${few[@]}" --spec=drop.textproto
if "${plain[@]}" "${few[@]}" >/dev/full 2>errors; then fail "a full device"; fi
[[ $(<errors) == 'ERROR: standard output: No space left on device' ]] ||
  fail "$(<errors)"

# By a link and through PATH, with runfiles of its own; from `bazel run`.
mkdir -p real/sweep.runfiles/anisograd/experiments/logistic path
cp "$sweep" real/sweep
cp "$protocol" real/sweep.runfiles/anisograd/experiments/logistic/small.textproto
ln -s ../real/sweep path/linked
for command in real/sweep path/linked linked; do
  env -u RUNFILES_DIR -u TEST_SRCDIR PATH="$PWD/path:$PATH" "$command" \
    --libsvm=plain --features=2 "${few[@]}" >by_name || fail "$command"
  cmp swept by_name || fail "$command prints something else"
done
user=$PWD
(cd real/sweep.runfiles/anisograd && BUILD_WORKING_DIRECTORY=$user \
  "$user/real/sweep" --libsvm=plain --features=2 "${few[@]}") >by_bazel
cmp swept by_bazel || fail "a path from bazel run"

# Every run explodes: no diameter, no "nan", and a hint.
{ sed 's/:1/:1e6/' plain && echo '+1 1:1e6'; } >unscaled
for csv in '' --csv; do
  # shellcheck disable=SC2086
  "$sweep" --libsvm=unscaled --features=2 "${few[@]}" $csv >out
  ! grep -qi 'nan\|  0[.]00 ' out || fail "$(<out)"
done
"$sweep" --libsvm=unscaled --features=2 "${few[@]}" | tr -s '\n ' ' ' |
  grep -q 'exploded.*Every cell exploded: the features may need scaling' ||
  fail "no hint to scale"

# What readers of other programs take and this one does not, and what no number
# may wrap around to.
bad_row() {
  { cat plain && printf "$1"; } >bad
  refuses "$2" "$sweep" --libsvm=bad --features=2
}
bad_row '+1 qid:3 1:1\n' 'bad:5: "qid:3" is not index:value'
bad_row '+1 0:1\n' 'bad:5: "0:1": indices count from 1'
bad_row '+1 2:1 1:1\n' 'bad:5: "1:1": decreasing index'
bad_row '+1 2147483648:1\n' 'index above the 2 declared features'
bad_row '+1 18446744073709551617:1\n' 'index above the 2 declared features'
bad_row '+1 1:0,5\n' '"1:0,5": the value is not a finite number'
bad_row '+1 1:1 \0 2:1\n' 'bad:5: "\x00" is not index:value'
bad_row 'nan 1:1\n' 'bad:5: label "nan" is declared neither'
refuses ': cannot read: Is a directory' "$sweep" --libsvm=. --features=2
"$sweep" --help | grep -q -- '--rows=N' || fail "--rows is not in --help"

refuses '--features: is the spec' "$convert" --spec="$dataset_spec" \
  --input=plain --features=9 --out=o
refuses '--name: is the spec' "$convert" --spec="$dataset_spec" \
  --input=plain --name=x --out=o
refuses '--input, --stand_in: give one of them' "$convert" \
  --spec="$dataset_spec" --out=o
refuses '--input, --stand_in: give one of them' "$convert" \
  --spec="$dataset_spec" --stand_in --input=plain --out=o
refuses '--spec is required with --stand_in' "$convert" --stand_in --out=o
refuses '--features is required without --spec' "$convert" --input=plain --out=o

refuses 'unexpected argument "alpaca.json"' "$tokenize" alpaca.json \
  --encoder=E --merges=M --out=o
refuses '--instructions, --stand_in_instructions: give one of them' \
  "$tokenize" --encoder=E --merges=M --out=o
refuses '--merges is required with --encoder' "$tokenize" --instructions=I \
  --encoder=E --out=o
refuses '--encoder is required with --merges' "$tokenize" --instructions=I \
  --merges=M --out=o
refuses '--encoder and --merges, --stand_in_vocabulary: give one of them' \
  "$tokenize" --instructions=I --out=o
for merges in 0 1000; do
  refuses '--max_merges: has no use with --stand_in_vocabulary' "$tokenize" \
    --stand_in_instructions --stand_in_vocabulary --max_merges=$merges --out=o
done
refuses '--max_merges: must be at least -1, got -2' "$tokenize" \
  --instructions=I --encoder=E --merges=M --max_merges=-2 --out=o
refuses '--encoder, --merges: give both or none' "$text_tokenize" \
  --corpus=plain --encoder=E --out=o

"$convert" --input=plain --features=2 --name=a9a --out=plain.dataset
# A link to a file that is not there yet; a limit on the size of files.
ln -s new link
"$convert" --input=plain --features=2 --name=a9a --out=link
[[ -L link ]] && cmp new plain.dataset || fail "a dangling link"
for ((i = 0; i < 1000; ++i)); do cat plain; done >long
(ulimit -f 1 && refuses 'large: cannot write: File too large' "$convert" \
  --input=long --features=2 --name=x --out=large)
[[ $(echo large*) == 'large*' ]] || fail "a part of a file that is too large"
# The number of features lies 80 bytes into the file.
"$expand" --spec="$family" --optimum=exact --out=optimum.textproto
{ head -c 80 plain.dataset; printf '\3'; tail -c +82 plain.dataset; } >changed
refuses 'changed: wrong checksum' "$solve" --spec=optimum.textproto \
  --dataset=changed --out=o
"$expand" --spec="$family" --method=sgd --batch_size=64 --out=cell.textproto
refuses 'optimum.textproto: method, batch_size: a cell has exactly one' \
  "$train" --spec=optimum.textproto --dataset=plain.dataset --out=o
refuses "a9a_family.textproto: method, batch_size: a cell has exactly one" \
  "$train" --spec="$family" --dataset=plain.dataset --out=o
refuses 'cell.textproto: optimum: exactly one is solved at a time' \
  "$solve" --spec=cell.textproto --dataset=plain.dataset --out=o
refuses '--method, --optimum: give one' "$expand" --spec="$family" \
  --method=sgd --optimum=exact --out=o
refuses '--grid: has no use without --batch_size' "$expand" --spec="$family" \
  --optimum=exact --grid=g --out=o
refuses '--seeds: has no use without --like' "$expand" \
  --spec="$family" --method=sgd --batch_size=64 --seeds=4 --out=o
refuses '--dataset: has no use with a part of a family' "$expand" \
  --spec="$family" --optimum=exact --dataset="$dataset_spec" --out=o
refuses '--method: has no use with --name' "$expand" --spec="$protocol" \
  --name=x --dataset="$dataset_spec" --method=sgd --out=o
refuses '--dataset is required with --name' "$expand" --spec="$protocol" \
  --name=x --out=o
printf 'learning_rate: 1\nlearning_rate: -1\nschedule { kind: CONSTANT }\n' >grid
refuses 'grid:2: learning_rate[1]: must be positive' "$expand" \
  --spec="$family" --method=sgd --batch_size=64 --grid=grid --out=o
[[ ! -e o ]] || fail "a result in spite of an error"
echo PASS

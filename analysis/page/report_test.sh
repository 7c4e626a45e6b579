#!/usr/bin/env bash
# report_test.sh REPORT_SH REPORT_MAIN CONVERT EXPAND SOLVE TRAIN CELL_BOUNDS PROTOCOL:
# the page of a small file, of separable data, of cells with their bounds, and of data
# sets that have no cells.
set -euo pipefail
report=$PWD/$1 main=$PWD/$2 convert=$PWD/$3 expand=$PWD/$4 solve=$PWD/$5
train=$PWD/$6 cell_bounds=$PWD/$7 protocol=$PWD/$8
cd "$TEST_TMPDIR"
has() { grep -qF -- "$2" "$1" || { echo "no \"$2\" in:"; cat "$1"; exit 1; }; }

awk 'BEGIN { srand(1); for (i = 0; i < 200; i++) { x = rand() - 0.5; y = rand() - 0.5
  print (x + y + rand() > 0.5 ? 1 : -1), "1:" x, "2:" y, "3:" rand() } }' >data
few=(--features=3 --epochs=3 --batch_sizes=4,16 --methods=sgd,adagrad)
"$main" --libsvm=data "${few[@]}" >page
has page 'data: 200 rows, 3 features, 4 dimensions'
# Signed data: no closed form, and a certificate of each.
has page 'Mixing, '
has page 'Cholesky'
has page 'AdaGrad, M = 16, epoch 3'
has page 'sigma_* (E.3)'
has page 'not of a file'
has page 'On data AdaGrad'
longest=$(awk '{ if (length > n) n = length } END { print n }' page)
((longest <= 110)) || { echo "a line of $longest characters"; exit 1; }
"$main" --libsvm=data "${few[@]}" | cmp - page

# A spec's exact w*, wherever it stands.
{ sed '/^optimum/,$d' "$protocol" && echo '
  optimum { role: EXACT newton { gradient_tolerance: 1e-11 max_iterations: 200 } }
  optimum { role: PAPER gradient_descent { steps: 1 learning_rate: 1 } }'; } >early
"$main" --libsvm=data "${few[@]}" --spec=early >page
if grep 'there is no certified w[*]' page; then exit 1; fi

# Separable: there is no w*, and no distances to it.
printf '%s\n' '1 1:1' '1 1:2' '-1 1:-1' '-1 1:-2' >separable
"$main" --libsvm=separable --features=1 "${few[@]:1}" >page
has page 'there is no certified w*'
has page 'no distances were measured'

refuses() {
  local wanted=$1
  shift
  if "$@" >out 2>errors; then echo "not refused: $*"; exit 1; fi
  has errors "$wanted"
}
refuses 'is required' "$main"
refuses '--results: not with --libsvm' "$main" --libsvm=data --results=sgd.pb
refuses 'none: ' "$main" --libsvm=none --features=3
BUILD_WORKSPACE_DIRECTORY=$PWD refuses \
  'no cells of "a9a"; build them first: bazel build' \
  bash -c "cd / && $report ${main#/} a9a"

# Bounds of the cells that are shown, and of another protocol's.
echo 'name: "toy" rows: 200 features: 3 mean_nonzeros: 3
  positive_label: "1" negative_label: "-1"' >toy.textproto
"$convert" --spec=toy.textproto --input=data --out=toy.dataset
train_for() {
  sed "s/epochs: .*/epochs: $1/; s/steps: 1000000/steps: 1000/" "$protocol" >"$1.textproto"
  "$expand" --spec="$1.textproto" --name=toy --dataset=toy.textproto --out=family.textproto
  for role in paper exact; do
    "$expand" --spec=family.textproto --optimum=$role --out=spec.textproto
    "$solve" --spec=spec.textproto --dataset=toy.dataset --out=$role.pb
  done
  for method in sgd adagrad; do
    "$expand" --spec=family.textproto --method=$method --batch_size=16 --out=spec.textproto
    "$train" --spec=spec.textproto --dataset=toy.dataset --optima=paper.pb,exact.pb \
      --out="$method$1.pb"
    "$cell_bounds" --result="$method$1.pb" --dataset=toy.dataset --optimum=exact.pb \
      --out="${method}_bounds$1.pb"
  done
}
train_for 4
train_for 3
page=("$main" --dataset=toy.dataset --results=sgd3.pb,adagrad3.pb --optimum=exact.pb)
"${page[@]}" --bounds=sgd_bounds3.pb,adagrad_bounds3.pb >page
has page 'AdaGrad over SGD: bounds, each at its best step'
# An optimum of other data.
"$convert" --spec=<(sed 's/rows: 200/rows: 100/' toy.textproto) --input=<(head -n 100 data) \
  --out=half.dataset
"$solve" --spec=<("$expand" --spec=family.textproto --optimum=exact --out=/dev/stdout) \
  --dataset=half.dataset --out=half.pb
refuses 'half.pb: dataset.digest: solved on other data' \
  "$main" --dataset=toy.dataset --results=sgd3.pb,adagrad3.pb --optimum=half.pb
refuses 'adagrad_bounds4.pb: spec_digest: of none of --results' \
  "${page[@]}" --bounds=sgd_bounds3.pb,adagrad_bounds4.pb

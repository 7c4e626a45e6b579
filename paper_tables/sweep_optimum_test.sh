#!/usr/bin/env bash
# sweep_optimum_test.sh SWEEP: what `sweep` says of f(w*) on data that are not
# scaled, separable, or of one class.
set -euo pipefail
sweep=$PWD/$1 protocol=$PWD/experiments/logistic/small.textproto
cd "$TEST_TMPDIR"
fail() {
  echo "FAIL: $*" >&2
  exit 1
}
# FILE FEATURES...: prints with every line joined.
run() {
  "$sweep" --libsvm="$1" --features="$2" --epochs=1 --methods=adagrad \
    --batch_sizes=64 "${@:3}" | tr -s '\n ' ' '
}

# A time in seconds beside a share, by Newton and by L-BFGS.
awk 'BEGIN { srand(1); for (i = 0; i < 400; i++) printf "%s 1:%d 2:%.3f\n",
  (rand() < 0.5 ? "+1" : "-1"), 1.6e9 + int(rand() * 1e6), rand() }' >unscaled
for features in 2 2500; do
  run unscaled $features >said
  grep -q 'at most [0-9.]*e-[0-9]* above inf f' said || fail "$(<said)"
  ! grep -q 'NOT CONVERGED\| -[0-9]' said || fail "$(<said)"
  grep -o 'f(w[*]) = [0-9.]*' said >"optimum_$features"
done
cmp optimum_2 optimum_2500 || fail "$(cat optimum_*)"

printf '+1 1:1\n+1 1:2\n-1 1:-1\n-1 1:-3\n' >separable
run separable 1 >said
grep -q 'separable: inf f = 0' said || fail "$(<said)"
! grep -qi 'nan\|NOT CONVERGED' said || fail "$(<said)"
run separable 1 --csv >said
grep -q 'separable: inf f = 0' said || fail "$(<said)"
! grep -qi nan said || fail "$(<said)"

# What varies is lost in what does not: said, in the table and in the CSV.
awk 'BEGIN { srand(1); for (i = 0; i < 400; i++) { x = rand();
  printf "%s 1:%.6f\n", (rand() < x ? "+1" : "-1"), 1e9 + x } }' >far
for csv in '' --csv; do
  # shellcheck disable=SC2086
  run far 1 $csv >said
  grep -q 'NOT CONVERGED' said || fail "$(<said)"
done

# Of a spec's optima, the losses are compared with the PAPER one, wherever it stands.
{ sed '/^optimum/,$d' "$protocol" && echo '
  optimum { role: EXACT newton { gradient_tolerance: 1e-11 max_iterations: 200 } }
  optimum { role: PAPER gradient_descent { steps: 1 learning_rate: 1e-30 } }'; } >early
run unscaled 2 --spec=early --csv >said
grep -q 'w[*] (paper).*NOT CONVERGED' said || fail "$(<said)"

printf '+1 1:1\n+1 2:1\n+1 1:1 2:1\n' >one_class
if run one_class 2 2>errors; then fail "one class"; fi
grep -q 'one_class: all rows have y = 1' errors || fail "$(<errors)"

#!/usr/bin/env bash
# report.sh REPORT_MAIN NAME | --libsvm=FILE --features=N [FLAG...]: the page of a
# data set of data/datasets.bzl, from its cells that have been built, or of any file.
set -euo pipefail
program=$PWD/$1
shift
bin=${BUILD_WORKSPACE_DIRECTORY:-.}/bazel-bin
cd "${ANISOGRAD_WORKING_DIRECTORY:-${BUILD_WORKING_DIRECTORY:-.}}"
[[ ${1:-} != -* && $# -eq 1 ]] || exec "$program" "$@"
name=$1
results= bounds=
# Batch sizes by their value.
for method in sgd adagrad; do
  while read -r cell; do
    results+=,$cell
    m=${cell##*_m}
    bound=$bin/analysis/theory/${name}_bounds_${method}_m${m%.result.pb}.pb
    [[ ! -f $bound ]] || bounds+=,$bound
  done < <(ls -v "$bin/experiments/logistic/${name}_${method}"_m*.result.pb 2>/dev/null)
done
dataset=$bin/data/$name.dataset
if [[ -z $results || ! -f $dataset ]]; then
  echo "ERROR: no cells of \"$name\"; build them first:" \
    "bazel build //data:$name //experiments/logistic:$name" >&2
  exit 1
fi
arguments=("--dataset=$dataset" "--results=${results#,}")
optimum=$bin/experiments/logistic/${name}_optimum_exact.result.pb
[[ ! -f $optimum ]] || arguments+=("--optimum=$optimum")
[[ -z $bounds ]] || arguments+=("--bounds=${bounds#,}")
exec "$program" "${arguments[@]}"

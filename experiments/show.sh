#!/usr/bin/env bash
# show.sh SHOW RESULT|TARGET...: readable results, by file or by the name of a
# target under //experiments/logistic or //experiments/gpt2 that has been built.
set -euo pipefail
program=$1
shift
workspace=${BUILD_WORKSPACE_DIRECTORY:-.}
flags=()
for argument in "$@"; do
  case $argument in
    --*) flags+=("$argument"); continue ;;
  esac
  file=$argument
  name=${argument##*:}
  for kind in logistic gpt2; do
    [[ -f $file ]] || file=$workspace/bazel-bin/experiments/$kind/$name.result.pb
  done
  if [[ ! -f $file ]]; then
    echo "ERROR: no result of \"$argument\"; build it first:" \
      "bazel build //experiments/logistic:$name (or //experiments/gpt2:$name)" >&2
    exit 1
  fi
  "$program" ${flags[@]+"${flags[@]}"} "$file"
done

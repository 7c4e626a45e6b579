#!/usr/bin/env bash
# show.sh SHOW RESULT|TARGET...: readable results, by file or by the name of a
# target under //experiments/logistic that has been built.
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
  if [[ ! -f $file ]]; then
    file=$workspace/bazel-bin/experiments/logistic/$name.result.pb
  fi
  if [[ ! -f $file ]]; then
    echo "ERROR: no result of \"$argument\"; build it first:" \
      "bazel build //experiments/logistic:$name" >&2
    exit 1
  fi
  "$program" ${flags[@]+"${flags[@]}"} "$file"
done

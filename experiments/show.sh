#!/usr/bin/env bash
# show.sh SHOW FLAG|RESULT|TARGET...: readable results, by file or by the name
# of a target under //experiments that has been built.
set -euo pipefail
program=$PWD/$1
shift
workspace=${BUILD_WORKSPACE_DIRECTORY:-.}
cd "${ANISOGRAD_WORKING_DIRECTORY:-${BUILD_WORKING_DIRECTORY:-.}}"
arguments=()
for argument in "$@"; do
  file=$argument
  if [[ $argument != -* && ! -f $argument ]]; then
    name=${argument##*:}
    for kind in logistic gpt2; do
      [[ -f $file ]] ||
        file=$workspace/bazel-bin/experiments/$kind/$name.result.pb
    done
    if [[ ! -f $file ]]; then
      echo "ERROR: no result of \"$argument\"; build it first:" \
        "bazel build //experiments/logistic:$name (or //experiments/gpt2:$name)" >&2
      exit 1
    fi
  fi
  arguments+=("$file")
done
exec "$program" ${arguments[@]+"${arguments[@]}"}

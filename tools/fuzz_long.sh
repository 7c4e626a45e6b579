#!/usr/bin/env bash
# fuzz_long.sh [EXECUTIONS [TARGET...]]: lets libFuzzer search in every fuzz_test()
# of the tree, or those named (//data:libsvm_fuzzer_test), for that many executions
# each (a million), and prints a line a reader. What it learns stays in
# ~/.cache/anisograd-fuzz, from where the next call goes on; what it finds is in
# the folder findings of that, and the exit status 1.
set -euo pipefail
cd "${BUILD_WORKSPACE_DIRECTORY:-$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..}"
executions=${1:-1000000}
shift $(($# > 0))
folder=${XDG_CACHE_HOME:-$HOME/.cache}/anisograd-fuzz
targets=("$@")
((${#targets[@]} > 0)) ||
  mapfile -t targets < <(./bazelw query --noshow_progress 'kind(_libfuzzer_test, //...)')
((${#targets[@]} > 0))
./bazelw build --noshow_progress "${targets[@]}"
bin=$(./bazelw info bazel-bin 2>/dev/null)
mkdir -p "$folder/findings"
total=0 found=0
for target in "${targets[@]}"; do
  path=${target#//}
  path=${path/://}
  name=${path##*/}
  corpus=$folder/${name%_test}
  mkdir -p "$corpus"
  status=0
  ASAN_OPTIONS=detect_leaks=0 "$bin/${path}_binary" -runs="$executions" -seed="$RANDOM" \
    -timeout=10 -rss_limit_mb=2048 -close_fd_mask=3 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="$folder/findings/${name%_test}-" \
    "$corpus" "${path%_test}_corpus" >"$corpus.log" 2>&1 || status=$?
  done=$(sed -n 's/^stat::number_of_executed_units: *//p' "$corpus.log")
  if ((status != 0)); then
    found=1
    grep -m 1 -E 'ERROR: |runtime error' "$corpus.log" || true
  fi
  printf '%-28s %10d executions, %5d in its corpus%s\n' "${name%_fuzzer_test}" "${done:-0}" \
    "$(find "$corpus" -type f | wc -l)" "$( ((status == 0)) || echo "; a finding, see $corpus.log")"
  total=$((total + ${done:-0}))
done
echo "$total executions in all"
exit $found

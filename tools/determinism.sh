#!/usr/bin/env bash
# determinism.sh [TARGET...]: builds the targets twice, from two copies of the
# working tree in two folders with two output bases and no shared cache, and
# compares every result, data file, table, figure and CSV byte for byte. By default the whole
# pipeline; name a cell (//experiments/logistic:a4a_sgd_m64) for a quick look.
set -euo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/..")
source "$root/tools/nested_bazel.sh" "$root/WORKSPACE"
targets=("$@")
((${#targets[@]} > 0)) || targets=(//paper_tables //figures)
# Sandboxes refuse output bases below /tmp, which they replace.
scratch=$(mktemp -d /var/tmp/anisograd-determinism.XXXXXX)
trap 'nested_stop "$scratch"; chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT

for copy in one two; do
  # The second copy lies deeper, so that a path in an output would show.
  folder=$scratch/$copy
  [[ $copy == one ]] || folder=$scratch/two/nested/deeper
  nested_tree "$folder"
  base=$scratch/base-$copy
  (cd "$folder" &&
    ./bazelw --output_base="$base" build --disk_cache= --noshow_progress "${targets[@]}" &&
    cd "$(./bazelw --output_base="$base" info bazel-bin 2>/dev/null)" &&
    find . -type f \( -name '*.pb' -o -name '*.dataset' -o -name '*.csv' \
      -o -name '*.txt' -o -name '*.md' -o -name '*.tex' -o -name '*.svg' \
      -o -name '*.pdf' -o -name '*.png' -o -name '*.html' \
      -o -name '*.bin' -o -name '*.safetensors' \) \
      -not -path '*.runfiles/*' -print0 | sort -z | xargs -0 sha256sum) \
    >"$scratch/$copy.sha256"
  nested_stop "$scratch"
done
if diff "$scratch/one.sha256" "$scratch/two.sha256"; then
  echo "$(wc -l <"$scratch/one.sha256") files, all with the same bytes"
else
  echo "ERROR: the files above differ between two runs" >&2
  exit 1
fi

#!/usr/bin/env bash
# print_figures.sh FIGURE... -- [--out=DIR]: prints each figure's title, caption
# and notes and where its files are; with --out copies them to DIR, a folder as
# the user sees it.
set -euo pipefail
source tools/base/printer.sh
usage="usage: bazel run //figures:... -- [--out=DIR]"
names=()
while [[ $1 != -- ]]; do
  names+=("$1")
  shift
done
shift
take_arguments "$usage" "$@"
for name in "${names[@]}"; do
  cat "figures/$name.txt"
  if [[ -n $out ]]; then
    for extension in svg pdf png csv; do
      install -m 644 "figures/$name.$extension" "$out/$name.$extension"
    done
    echo "Copied to $out: $name.svg $name.pdf $name.png $name.csv"
  else
    echo "Files: bazel-bin/figures/$name.svg .pdf .png .csv"
  fi
  echo
done

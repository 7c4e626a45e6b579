#!/usr/bin/env bash
# print_figures.sh NAME... [--out=DIR]: prints each figure's title, caption and
# notes and where its files are; with --out copies them to DIR.
set -euo pipefail
names=()
out=
for argument in "$@"; do
  case $argument in
    --out=*) out=${argument#--out=} ;;
    -*)
      echo "ERROR: unknown argument $argument; usage: -- [--out=DIR]" >&2
      exit 2
      ;;
    *) names+=("$argument") ;;
  esac
done
if [[ -n $out ]]; then
  [[ $out == /* ]] || out=${BUILD_WORKING_DIRECTORY:-.}/$out
  mkdir -p "$out"
fi
for name in "${names[@]}"; do
  cat "figures/$name.txt"
  if [[ -n $out ]]; then
    for extension in svg pdf csv; do
      install -m 644 "figures/$name.$extension" "$out/$name.$extension"
    done
    echo "Copied to $out: $name.svg $name.pdf $name.csv"
  else
    echo "Files: bazel-bin/figures/$name.svg .pdf .csv"
  fi
  echo
done

#!/usr/bin/env bash
# print_figures.sh FIGURE... -- [--out=DIR]: prints each figure's title, caption
# and notes and where its files are; with --out copies them to DIR, a folder as
# the user sees it.
set -euo pipefail
usage="usage: bazel run //figures:... -- [--out=DIR]"
names=()
while [[ $1 != -- ]]; do
  names+=("$1")
  shift
done
shift
out=
for argument in "$@"; do
  case $argument in
    --out=?*) out=${argument#--out=} ;;
    --help | -h) echo "$usage" && exit ;;
    *) echo "ERROR: unknown argument \"$argument\"; $usage" >&2 && exit 1 ;;
  esac
done
if [[ -n $out ]]; then
  [[ $out == /* ]] ||
    out=${ANISOGRAD_WORKING_DIRECTORY:-${BUILD_WORKING_DIRECTORY:-.}}/$out
  mkdir -p "$out"
fi
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

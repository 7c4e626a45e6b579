#!/usr/bin/env bash
# print_table.sh NAME [--out=DIR]: prints a rendered table and where its files
# are; with --out copies them to DIR, a folder as the user sees it.
set -euo pipefail
usage="usage: bazel run //paper_tables:$1 -- [--out=DIR]"
name=$1
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
cat "paper_tables/$name.txt"
echo
if [[ -n $out ]]; then
  for extension in txt md tex csv; do
    install -m 644 "paper_tables/$name.$extension" "$out/$name.$extension"
  done
  echo "Copied to $out: $name.txt $name.md $name.tex $name.csv"
else
  echo "Files: bazel-bin/paper_tables/$name.txt .md .tex .csv"
fi

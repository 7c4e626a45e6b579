#!/usr/bin/env bash
# copy_latex.sh FOLDER [--out=DIR]: says where the files for LaTeX are; with --out
# copies them to DIR, a folder as the user sees it.
set -euo pipefail
usage="usage: bazel run //paper_tables:latex -- [--out=DIR]"
folder=$(readlink -f "$1")
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
  install -m 644 "$folder"/* "$out"
  folder=$out
fi
echo "$folder: numbers.tex, $(find "$folder/" -name 'table_*.tex' | wc -l) tables," \
  "$(find "$folder/" -name 'figure_*.tex' | wc -l) figures"

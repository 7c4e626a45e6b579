#!/usr/bin/env bash
# copy_latex.sh FOLDER [--out=DIR]: says where the files for LaTeX are; with --out
# copies them to DIR, a folder as the user sees it.
set -euo pipefail
source tools/base/printer.sh
usage="usage: bazel run //paper_tables:latex -- [--out=DIR]"
folder=$(readlink -f "$1")
shift
take_arguments "$usage" "$@"
if [[ -n $out ]]; then
  install -m 644 "$folder"/* "$out"
  folder=$out
fi
echo "$folder: numbers.tex, $(find "$folder/" -name 'table_*.tex' | wc -l) tables," \
  "$(find "$folder/" -name 'figure_*.tex' | wc -l) figures"

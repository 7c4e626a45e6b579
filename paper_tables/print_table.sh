#!/usr/bin/env bash
# print_table.sh NAME [--out=DIR]: prints a rendered table and where its files
# are; with --out copies them to DIR.
set -euo pipefail
name=$1
shift
out=
for argument in "$@"; do
  case $argument in
    --out=*) out=${argument#--out=} ;;
    *)
      echo "ERROR: unknown argument $argument; usage: -- [--out=DIR]" >&2
      exit 2
      ;;
  esac
done
cat "paper_tables/$name.txt"
echo
if [[ -n $out ]]; then
  cd_to=${BUILD_WORKING_DIRECTORY:-.}
  [[ $out == /* ]] || out=$cd_to/$out
  mkdir -p "$out"
  for extension in txt md tex csv; do
    install -m 644 "paper_tables/$name.$extension" "$out/$name.$extension"
  done
  echo "Copied to $out: $name.txt $name.md $name.tex $name.csv"
else
  echo "Files: bazel-bin/paper_tables/$name.txt .md .tex .csv"
fi

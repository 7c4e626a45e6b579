#!/usr/bin/env bash
# print_table.sh NAME [--out=DIR] [--require_recorded]: prints a rendered table and
# where its files are; with --out copies them to DIR, a folder as the user sees it.
# With --require_recorded, of `all` alone, which counts them, fails where a number is
# not the recorded run's.
set -euo pipefail
source tools/base/printer.sh
name=$1
shift
usage="usage: bazel run //paper_tables:$name -- [--out=DIR]"
[[ $name != all ]] || usage="usage: bazel run //paper_tables -- [--out=DIR] [--require_recorded]"
take_arguments "$usage" "$@"
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
if [[ $given == *" --require_recorded "* ]] &&
  ! grep -qE '^([0-9]+) of \1 numbers equal the recorded run' "paper_tables/$name.txt"; then
  echo "ERROR: not all numbers are the recorded run's; if they should differ:" \
    "bazel run //paper_tables:record" >&2
  exit 1
fi

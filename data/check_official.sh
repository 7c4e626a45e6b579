#!/usr/bin/env bash
# check_official.sh KIND SUM FILE OUT: copies FILE to OUT if its checksum of that
# kind (sha256, md5) is SUM; else an error, and no OUT.
set -euo pipefail
kind=$1 expected=$2 file=$3 out=$4
found=$("${kind}sum" <"$file")
found=${found%% *}
if [[ $found != "$expected" ]]; then
  echo "ERROR: $file has the wrong checksum: its $kind is $found," \
    "the official file's is $expected. Replace it or take it away." >&2
  exit 1
fi
cp -- "$file" "$out"

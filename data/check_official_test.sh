#!/usr/bin/env bash
# A right file is copied, a wrong one named with both checksums and not copied.
set -euo pipefail
check=$1
cd "$TEST_TMPDIR"
printf 'abc' >"a file"
md5=900150983cd24fb0d6963f7d28e17f72
sha256=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
check=$OLDPWD/$check

"$check" md5 $md5 "a file" one
"$check" sha256 $sha256 "a file" two
cmp "a file" one
cmp "a file" two

printf 'abd' >"a file"
for kind in md5 sha256; do
  if "$check" $kind ${!kind} "a file" three 2>errors; then
    echo "a wrong $kind passed"
    exit 1
  fi
  grep -q "a file has the wrong checksum: its $kind is .*, the official file's is ${!kind}" errors
  [[ ! -e three ]]
done

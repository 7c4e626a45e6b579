#!/usr/bin/env bash
# diff_test.sh DIFF: exit status and output of the program.
set -euo pipefail
diff=$PWD/$1
fail() {
  echo "FAIL: $*" >&2
  exit 1
}
cd "$TEST_TMPDIR"
header=table,dataset,method,setting,quantity,published,published_std,reproduced,spread,verdict,scale_note,target
printf '%s\n' "$header" "table3,a,sgd,,x,1,,1,,MATCH,,//:t" >old.csv
sed 's/,1,,MATCH/,2,,DIFFERS/' old.csv >new.csv
"$diff" old.csv old.csv >out || fail "equal runs differ"
! "$diff" old.csv new.csv >out 2>errors || fail "a change is no error"
grep -q 'MATCH -> DIFFERS: 1 -> 2' out || fail "$(cat out)"
[[ $(cat errors) == "ERROR: 1 verdicts and claims, "* ]] || fail "$(cat errors)"
"$diff" --allow --markdown old.csv new.csv >out || fail "--allow"
grep -q '^| `table3/a/sgd/x` | MATCH → DIFFERS' out || fail "$(cat out)"
! "$diff" old.csv 2>errors || fail "one file"
[[ $(cat errors) == "ERROR: OLD.csv and NEW.csv are required" ]] || fail "$(cat errors)"
echo PASS

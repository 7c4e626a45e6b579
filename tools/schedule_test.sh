#!/usr/bin/env bash
# schedule_test.sh SCHEDULE: a made-up build whose schedules can be told by hand.
set -euo pipefail
command -v python3 >/dev/null || {
  echo "SKIPPED: there is no python3 (tools/packages_ci.txt)"
  exit 0
}
schedule=$PWD/$1
cd "$TEST_TMPDIR"
# A chain of 3 + 2 s, and four of 1 s each that wait for nothing.
cat >profile <<'END_PROFILE'
{"traceEvents": [
 {"cat": "general information", "name": "long", "dur": 9000000},
 {"cat": "action processing", "name": "head", "dur": 3000000},
 {"cat": "action processing", "name": "tail", "dur": 2000000},
 {"cat": "action processing", "name": "a", "dur": 1000000},
 {"cat": "action processing", "name": "b", "dur": 1000000},
 {"cat": "action processing", "name": "c", "dur": 1000000},
 {"cat": "action processing", "name": "c", "dur": 1000000}]}
END_PROFILE
action() { printf "action '%s'\n  Mnemonic: X\n  Inputs: [%s]\n  Outputs: [%s]\n" "$@"; }
{
  action a source a.out
  action b source b.out
  action c 'x, y' c.out
  action c 'x, y' c.host
  action tail 'y, head.link' tail.out
  action 'not measured' head.out head.link
  action head source 'head.out, head.log'
} >actions
"$schedule" profile actions 1 2 3 1000 >out
cat out
# Two workers: 3 + 2 on one, 1 + 1 + 1 + 1 on the other.
diff - <(tail -n +2 out) <<'END_EXPECTED'
longest chain 5.0 s; a tenth of it or more:
  3.0 s head
  2.0 s tail
 workers  makespan s  speed-up  efficiency
       1         9.0       1.0      100.0%
       2         5.0       1.8       90.0%
       3         5.0       1.8       60.0%
    1000         5.0       1.8        0.2%
END_EXPECTED
grep -q '^6 of 7 actions have a measured time, 9.0 s of work; 0.0 s measured are none' out
echo PASSED

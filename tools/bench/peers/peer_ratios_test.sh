#!/usr/bin/env bash
# peer_ratios_test.sh PEER_RATIOS: medians, ratios, failed variants, nothing to
# compare.
set -euo pipefail
ratios=$1
export PYTHONDONTWRITEBYTECODE=1
cd "$TEST_TMPDIR"
fail() {
  echo "peer_ratios_test: $*" >&2
  exit 1
}
# Medians 1,000 and 400; a utilisation of 10 % at 2,000 tokens a second.
cat >ours.json <<'JSON'
{"benchmarks": [
 {"name": "Step/a/iterations:1/manual_time", "run_type": "iteration",
  "tokens_per_second": 2000, "mfu_measured": 0.1},
 {"name": "Step/a/iterations:1/manual_time", "run_type": "iteration",
  "tokens_per_second": 1000, "mfu_measured": 0.05},
 {"name": "Step/a/iterations:1/manual_time", "run_type": "iteration",
  "tokens_per_second": 900, "mfu_measured": 0.045},
 {"name": "Step/a/iterations:1/manual_time_mean", "run_type": "aggregate",
  "tokens_per_second": 1300, "mfu_measured": 0.065}]}
JSON
cat >peer.json <<'JSON'
{"benchmarks": [
 {"name": "Step/a/padded", "run_type": "iteration", "tokens_per_second": 400},
 {"name": "Step/a/packed", "run_type": "iteration", "error_occurred": true,
  "error_message": "not installed"},
 {"name": "Step/b/padded", "run_type": "iteration", "tokens_per_second": 1}]}
JSON
# Found from the runfiles' root, where the test started.
out=$(python3 "$OLDPWD/$ratios" ours.json peer.json)
echo "$out"
want='Step/a: ours 1000 tokens/s (MFU 5.0 %), PyTorch padded 400 (2.0 %): 2.50'
grep -qF "$want times as fast" <<<"$out" || fail "no ratio of 2.50"
grep -qF "Step/a: PyTorch packed: not installed" <<<"$out" ||
  fail "the failed variant is not shown"
[[ $(wc -l <<<"$out") == 2 ]] || fail "more than two lines"

# A repetition that failed before others that did not.
python3 - <<'PROGRAM'
import json
rows = json.load(open("ours.json"))
rows["benchmarks"].insert(0, {"name": "Step/a/iterations:1/manual_time",
                              "run_type": "iteration", "error_occurred": True})
json.dump(rows, open("once_failed.json", "w"))
PROGRAM
out=$(python3 "$OLDPWD/$ratios" once_failed.json peer.json)
grep -qF "$want times as fast" <<<"$out" || fail "one repetition hides the others"

# A program that was stopped leaves the rows that it had.
cat >cut.json <<'JSON'
{
  "context": {},
  "benchmarks": [
    {
      "name": "Step/a/iterations:1/manual_time", "run_type": "iteration",
      "tokens_per_second": 800, "mfu_measured": 0.1
    },
    {
      "name": "Step/b/iterations:1/manual_t
JSON
out=$(python3 "$OLDPWD/$ratios" cut.json peer.json)
grep -qF 'Step/a: ours 800 tokens/s' <<<"$out" || fail "a file that is cut"

echo '{"benchmarks": []}' >empty.json
if python3 "$OLDPWD/$ratios" ours.json empty.json; then
  fail "succeeds with nothing to compare"
fi

#!/usr/bin/env bash
# Two executors of an existing remote-execution server on loopback, the one taking
# what the other has no slot for: every training action runs there, the results
# have the bytes of a local build, and one that dies in the middle of a run leaves
# nothing wrong behind.
#
#   remote_test.sh WORKSPACE     the file, as a runfile
set -euo pipefail
PATH=$PATH:/usr/sbin
source tools/nested_bazel.sh "$1"
# buildbox-casd and buildbox-run, as tools/install_buildbox.sh puts them.
buildbox=${ANISOGRAD_BUILDBOX:-$nested_home/.cache/anisograd-buildbox}
skip() {
  echo "SKIPPED: $*"
  exit 0
}
fail() {
  echo "FAILED: $*"
  exit 1
}
[[ -x $buildbox/buildbox-casd ]] || skip "there is no buildbox-casd; run tools/install_buildbox.sh"
command -v bwrap >/dev/null || skip "there is no bwrap; install bubblewrap (tools/packages_ci.txt)"
bwrap --unshare-pid --ro-bind / / --proc /proc true 2>/dev/null || skip "bwrap cannot make a sandbox here"

# executor NAME PORT [OPTION]...: one server that runs two jobs at once.
executor() {
  local name=$1 port=$2 mounts=() m
  shift 2
  for m in /usr:/usr /usr/bin:/bin /usr/lib:/lib /usr/lib64:/lib64; do
    mounts+=("--runner-arg=--ro-bind-mount=$m")
  done
  # What it leaves when it is killed goes with the test's folder.
  TMPDIR=$TEST_TMPDIR PATH=$buildbox:$PATH "$buildbox/buildbox-casd" "--bind=127.0.0.1:$port" \
    "--buildbox-run=$buildbox/buildbox-run" --jobs=2 --log-level=info \
    "${mounts[@]}" "$@" "$TEST_TMPDIR/store_$name" >"$TEST_TMPDIR/$name.log" 2>&1 &
  echo $! >"$TEST_TMPDIR/$name.pid"
  listens $! "$port" || fail "executor $name does not listen"
}
# end NAME: an executor, at once, if it is there.
end() {
  local pid=$TEST_TMPDIR/$1.pid
  [[ -e $pid ]] || return 0
  kill -9 "$(<"$pid")" 2>/dev/null || true
  wait "$(<"$pid")" 2>/dev/null || true
  rm "$pid"
}
killer=
stop() {
  local status=$? name
  [[ -z $killer ]] || kill "$killer" 2>/dev/null || true
  for name in front back; do
    end $name
    ((status == 0)) || tail -n 30 "$TEST_TMPDIR/$name.log" 2>/dev/null | sed "s/^/$name: /"
  done
  nested_stop "$TEST_TMPDIR/out"
}
trap stop EXIT

back=$((30000 + RANDOM % 1000))
front=$((back + 1))
executors() {
  local far=http://127.0.0.1:$back
  executor back $back
  executor front $front --cas-remote=$far --ac-remote=$far --exec-remote=$far \
    --exec-hybrid-queue-limit=1
}
executors

documented "$TEST_TMPDIR"
nested_tree "$TEST_TMPDIR/tree"
nested_wrapper "$TEST_TMPDIR/bin" "$TEST_TMPDIR/out"
bazel() { "$TEST_TMPDIR/bin/bazel" "$@"; }
cd "$TEST_TMPDIR/tree"
apply "$TEST_TMPDIR/1.diff" >/dev/null
bash <(grep -v '^bazel' "$TEST_TMPDIR/1.sh")
# Two columns: a sandbox for each action takes longer than the action.
sed -i 's/^BATCH_SIZES = .*/BATCH_SIZES = [16, 256]/' experiments/experiment.bzl
family=//experiments/logistic:toy
results=bazel-bin/experiments/logistic

# Compiling is from the machine's own cache.
bazel build "${nested_cache[@]}" //experiments:expand_spec \
  //experiments/logistic/optimum:solve //experiments/logistic/train //data:convert_dataset
bazel build $family
(cd $results && sha256sum toy_*.result.pb) >"$TEST_TMPDIR/expected"
cells=$(grep -c . "$TEST_TMPDIR/expected")

# remotely LOG [OPTION]... TARGET: on the executors, by what --config=remote says but
# for the worker's properties: these are in every key, and compilers would run again.
remotely() {
  local log=$1
  shift
  bazel build --remote_executor=grpc://127.0.0.1:$front --jobs=4 --remote_timeout=120 --verbose_failures \
    --spawn_strategy=remote --genrule_strategy=remote --remote_local_fallback=false \
    --noremote_accept_cached "--execution_log_json_file=$log" "$@"
}
# again: nothing of the family has been built.
again() { chmod u+w $results/toy_* && rm -f $results/toy_*.result.pb; }
# where LOG: how many of the family's actions ran where.
where() {
  python3 - "$1" <<'PY'
import collections, json, sys
decoder, text, at = json.JSONDecoder(), open(sys.argv[1]).read().strip(), 0
runners = collections.Counter()
while at < len(text):
    action, at = decoder.raw_decode(text, at)
    while at < len(text) and text[at].isspace(): at += 1
    if action["mnemonic"] in ("Train", "SolveOptimum"): runners[action["runner"]] += 1
print(" ".join("%s=%d" % r for r in sorted(runners.items())))
PY
}

# Before 6.2, two of Bazel's actions that lack the same input in the store both send
# it, and who comes second may be refused. Here all have what they share sent by one.
again
remotely "$TEST_TMPDIR/first.log" --jobs=1 ${family}_sgd_m16
again
remotely "$TEST_TMPDIR/all.log" $family
ran=$(where "$TEST_TMPDIR/all.log")
echo "ran: $ran"
[[ $ran == "remote=$cells" ]] || fail "not all of $cells ran remotely: $ran"
(cd $results && sha256sum toy_*.result.pb) | diff - "$TEST_TMPDIR/expected" ||
  fail "other bytes than locally"

echo "== one dies in the middle"
again
# When some of the results are there, and others are not.
(until ls $results/toy_*.result.pb >/dev/null 2>&1; do sleep 0.05; done
  kill -9 "$(<"$TEST_TMPDIR/back.pid")" && touch "$TEST_TMPDIR/killed") &
killer=$!
# What the dead one was asked is given up soon.
status=0
remotely "$TEST_TMPDIR/killed.log" --remote_timeout=10 --remote_retries=1 --keep_going $family \
  >"$TEST_TMPDIR/killed.err" 2>&1 || status=$?
kill $killer 2>/dev/null || true
wait $killer || true
killer=
[[ -e $TEST_TMPDIR/killed ]] || {
  cat "$TEST_TMPDIR/killed.err"
  fail "the build ended before there was a result"
}
if ((status == 0)); then
  echo "the other one finished the run"
else
  echo "$(find $results -name 'toy_*.result.pb' | wc -l) of $cells were there"
  # What was not finished is absent, what was is right.
  grep -m 3 -E "^ERROR|UNAVAILABLE" "$TEST_TMPDIR/killed.err" || fail "no word of what happened"
  for f in $results/toy_*.result.pb; do
    [[ ! -e $f ]] || grep -q "$(sha256sum <"$f" | cut -c1-64)" "$TEST_TMPDIR/expected" ||
      fail "$f is wrong"
  done
fi
# The other one too: it waits longer and longer before it calls one that was gone.
end front
end back
executors
remotely "$TEST_TMPDIR/after.log" --remote_retries=12 $family
(cd $results && sha256sum toy_*.result.pb) | diff - "$TEST_TMPDIR/expected" ||
  fail "other bytes after an executor died"
echo "PASSED: $cells results, $(where "$TEST_TMPDIR/after.log") after the loss"

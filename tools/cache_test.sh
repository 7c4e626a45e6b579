#!/usr/bin/env bash
# A shared cache that a real web server holds: filled from one folder, it serves
# every result to another, same bytes; an entry that was tampered with is refused;
# and a change of one cell's spec recomputes that cell alone.
#
#   cache_test.sh WORKSPACE     the file, as a runfile
set -euo pipefail
PATH=$PATH:/usr/sbin
source tools/nested_bazel.sh "$1"
command -v nginx >/dev/null || {
  echo "SKIPPED: there is no nginx; install nginx-light (tools/packages_ci.txt)"
  exit 0
}
fail() {
  echo "FAILED: $*"
  exit 1
}

port=$((20000 + RANDOM % 10000))
store=$TEST_TMPDIR/store
mkdir -p "$store" "$TEST_TMPDIR/nginx"
cat >"$TEST_TMPDIR/nginx.conf" <<NGINX
daemon off;
worker_processes 1;
pid $TEST_TMPDIR/nginx/pid;
error_log $TEST_TMPDIR/nginx/error.log;
$( (($(id -u) == 0)) && echo "user root;")
events { worker_connections 256; }
http {
  access_log off;
  client_max_body_size 0;
  client_body_temp_path $TEST_TMPDIR/nginx/body;
  proxy_temp_path $TEST_TMPDIR/nginx/proxy;
  fastcgi_temp_path $TEST_TMPDIR/nginx/fastcgi;
  uwsgi_temp_path $TEST_TMPDIR/nginx/uwsgi;
  scgi_temp_path $TEST_TMPDIR/nginx/scgi;
  server {
    listen 127.0.0.1:$port;
    location / { root $store; dav_methods PUT; create_full_put_path on; }
  }
}
NGINX
nginx -e "$TEST_TMPDIR/nginx/error.log" -c "$TEST_TMPDIR/nginx.conf" &
nginx=$!
stop() {
  kill $nginx 2>/dev/null || true
  nested_stop "$TEST_TMPDIR"/{a,b,c}.out
}
trap stop EXIT
listens $nginx $port || fail "nginx does not listen: $(tail -n 3 "$TEST_TMPDIR/nginx/error.log")"

documented "$TEST_TMPDIR"
family=//experiments/logistic:toy
tools=(//experiments:expand_spec //experiments/logistic/optimum:solve
  //experiments/logistic/train //data:convert_dataset)

# folder NAME: a tree with the toy data set of CONTRIBUTING.md, its programs built.
folder() {
  nested_tree "$TEST_TMPDIR/$1/tree"
  nested_wrapper "$TEST_TMPDIR/$1.bin" "$TEST_TMPDIR/$1.out"
  cd "$TEST_TMPDIR/$1/tree"
  apply "$TEST_TMPDIR/1.diff" >/dev/null
  bash <(grep -v '^bazel' "$TEST_TMPDIR/1.sh")
  bazel() { "$TEST_TMPDIR/$here.bin/bazel" "$@"; }
  here=$1
  # From the machine's own cache; the shared one is for results.
  bazel build "${nested_cache[@]}" "${tools[@]}"
}
# family NAME [OPTION]...: builds the family and notes where each action ran.
family() {
  local log=$TEST_TMPDIR/$1.log
  shift
  bazel build --config=remote_cache "--remote_cache=http://127.0.0.1:$port" \
    "--execution_log_json_file=$log" "$@" $family
}
# ran NAME: how many training actions and solvers were run, not fetched.
ran() {
  python3 - "$TEST_TMPDIR/$1.log" "$2" <<'PY'
import json, sys
decoder, text, at, n = json.JSONDecoder(), open(sys.argv[1]).read().strip(), 0, 0
while at < len(text):
    action, at = decoder.raw_decode(text, at)
    while at < len(text) and text[at].isspace(): at += 1
    if action["mnemonic"] in ("Train", "SolveOptimum"):
        n += action.get("remoteCacheHit", False) == (sys.argv[2] == "hit")
print(n)
PY
}
digests() { (cd bazel-bin/experiments/logistic && sha256sum toy_*.result.pb); }

folder a
family a --remote_upload_local_results
digests >"$TEST_TMPDIR/expected"
cells=$(grep -c . "$TEST_TMPDIR/expected")
(($(ran a run) == cells && cells > 30)) || fail "$(ran a run) of $cells results were computed"

echo "== another folder, another output base: everything from the cache"
folder b
family b
(($(ran b run) == 0 && $(ran b hit) == cells)) ||
  fail "$(ran b run) results were computed again, $(ran b hit) fetched"
digests | diff - "$TEST_TMPDIR/expected" || fail "other bytes from the cache"

echo "== one value of the protocol's grid for one batch size: its cells alone"
awk '{ sub(/batch_size: \[1, 4,/, "batch_size: [2, 4,") } 1' \
  experiments/logistic/small.textproto >small && mv small experiments/logistic/small.textproto
sed -i 's/^BATCH_SIZES = \[1,/BATCH_SIZES = [2,/' experiments/experiment.bzl
family one
methods=$(grep -c '_m4.result.pb$' "$TEST_TMPDIR/expected")
(($(ran one run) == methods)) || fail "$(ran one run) results computed, not $methods"

echo "== entries that were tampered with"
while read -r digest name; do
  [[ $name == *_m4.result.pb || $name == *_m16.result.pb ]] || continue
  entry=$store/cas/$digest
  [[ -s $entry ]] || fail "$name is not in the cache"
  printf 'x' | dd of="$entry" bs=1 seek=20 conv=notrunc status=none
done <"$TEST_TMPDIR/expected"
# And what an action's entry says is not an action's result at all.
for entry in $(find "$store/ac" -type f | LC_ALL=C sort | head -n 5); do
  head -c 40 /dev/urandom >"$entry"
done
"$TEST_TMPDIR/b.bin/bazel" shutdown
folder c
family c 2>"$TEST_TMPDIR/c.err" || { cat "$TEST_TMPDIR/c.err"; fail "the build stopped"; }
digests | diff - "$TEST_TMPDIR/expected" || fail "a poisoned entry was believed"
(($(ran c run) >= 12)) || fail "only $(ran c run) results were computed again"
echo "PASSED: $cells results"

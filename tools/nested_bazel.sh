# Sourced by what builds a copy of the tree with a Bazel of its own.
#
#   nested_tree DIR        copies the tree of the runfile $1 to DIR
#   nested_wrapper BIN OUTPUT_USER_ROOT [OPTION]...
#                          makes BIN/bazel, which builds the copy that it is called
#                          in, below OUTPUT_USER_ROOT, with these options
#   nested_stop OUTPUT_USER_ROOT...
#                          ends the servers that build below them
#   listens PID PORT       waits until a program has a port of loopback; fails if it
#                          ends before, or takes longer than 10 seconds
#   documented DIR         NUMBER.diff and NUMBER.sh of CONTRIBUTING.md to DIR
#   apply DIFF             applies one to the current folder
#
# It does without .bazelrc's disk cache unless "${nested_cache[@]}" is among the
# options: then what a test does not change has been compiled already.
nested_root=$(dirname "$(readlink -f "$1")")
nested_bazel=$(command -v bazel)
# Bazel refuses a test's own HOME.
nested_home=$(getent passwd "$(id -u)" | cut -d: -f6)
nested_cache=()
if [[ -w $nested_home/.cache/anisograd-bazel ]]; then
  nested_cache=(--disk_cache="$nested_home/.cache/anisograd-bazel")
fi

nested_tree() {
  mkdir -p "$1"
  tar -C "$nested_root" --exclude='./bazel-*' --exclude=./.git -cf - . | tar -C "$1" -xf -
  if [[ -e $nested_root/../shared && ! -e $1/../shared ]]; then
    ln -s "$(readlink -f "$nested_root/../shared")" "$1/../shared"
  fi
}

nested_wrapper() {
  local bin=$1 outputs=$2
  shift 2
  mkdir -p "$bin"
  # After the workspace's.
  printf 'build %s\n' --disk_cache= "$@" >"$bin/bazelrc"
  printf 'common %s\n' --color=no --curses=no --noshow_progress >>"$bin/bazelrc"
  # What bazelw says to it was for other outputs.
  cat >"$bin/bazel" <<WRAPPER
#!/bin/sh
while case \$1 in -*) ;; *) false ;; esac do shift; done
PATH=${nested_bazel%/*}:\$PATH HOME=$nested_home exec ./bazelw --nohome_rc --bazelrc=$bin/bazelrc \\
  --output_user_root=$outputs --max_idle_secs=60 "\$@"
WRAPPER
  chmod +x "$bin/bazel"
}

nested_stop() {
  local outputs pid
  for outputs; do
    for pid in "$outputs"/*/server/server.pid.txt; do
      [[ ! -e $pid ]] || kill "$(<"$pid")" 2>/dev/null || true
    done
  done
}

listens() {
  for _ in $(seq 100); do
    kill -0 "$1" 2>/dev/null || return
    ! (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}

documented() {
  awk -v dir="$1" '
    /^```diff$/ { ++n; out = dir "/" n ".diff"; next }
    /^```sh$/ { out = dir "/" n ".sh"; next }
    /^```/ { out = ""; next }
    out != "" { print > out }' "$nested_root/CONTRIBUTING.md"
}

apply() { patch --strip=1 --no-backup-if-mismatch --fuzz=0 <"$1"; }

#!/usr/bin/env bash
# faults.sh [CASE...]: breaks things around a build of one cell of the toy data set
# of CONTRIBUTING.md, and prints a line a case: what was done, and what came of it.
# The result is right, or absent with a word that says why; else the line starts
# with WRONG, and the exit status is 1. Works in a folder of its own; as root, some
# cases need more (a cgroup, mounts, another user) and are skipped without. All
# take about a quarter of an hour. The cases:
#
#   kill_trainer kill_bazel memory_limit memory_cgroup full_disk full_output_base
#   bad_distdir bad_repository_cache clock two_builds two_folders no_home under_tmp
#   blank_in_path umask user no_namespaces
set -uo pipefail
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/..")
cd "$root" || exit 1
source tools/nested_bazel.sh "$root/WORKSPACE"
all=$(sed -n 's/^#   \([a-z_ ]*\)$/\1/p' "${BASH_SOURCE[0]}")
cases=("$@")
# shellcheck disable=SC2206
((${#cases[@]} > 0)) || cases=($all)
for name in "${cases[@]}"; do
  [[ " $(echo $all) " == *" $name "* ]] || { echo "no case $name" >&2; exit 1; }
done

scratch=$(mktemp -d /var/tmp/anisograd_faults.XXXXXX)
chmod 755 "$scratch"
outputs=$scratch/out
tree=$scratch/tree
cleanup() {
  nested_stop "$scratch"/out*
  chmod -R u+w "$scratch" 2>/dev/null
  mountpoint -q "$scratch/small" && umount -l "$scratch/small"
  rm -rf "$scratch" "${under_tmp:-}"
}
trap cleanup EXIT
wrong=0
# outcome WORDS...; broken WORDS...: of the case that runs.
outcome() { printf '%-21s %s\n' "$name" "$*"; }
broken() {
  printf '%-21s %s\n' "$name" "WRONG: $*"
  sed 's/^/    /' "$log" | tail -n 15
  wrong=1
}
skip() { outcome "skipped: $*"; }

# A shared cache of compiled programs that every user may read: links to this one's.
cache=$scratch/cache
mkdir "$cache"
for folder in "${nested_cache[@]#--disk_cache=}"; do
  cp -al "$folder/." "$cache" 2>/dev/null || cp -a "$folder/." "$cache"
done
cell=//experiments/logistic:toy_sgd_m1
result=bazel-bin/experiments/logistic/toy_sgd_m1.result.pb
log=$scratch/log

# toy TREE: a copy of this tree with the toy data set, whose cell takes seconds.
toy() {
  nested_tree "$1"
  (cd "$1" && apply "$scratch/1.diff" && bash <(grep -v '^bazel' "$scratch/1.sh") &&
    sed -i 's/^  epochs: .*/  epochs: 2000/' experiments/logistic/small.textproto) >/dev/null
}
# build OUTPUT_USER_ROOT [OPTION]...: the cell, in the current folder.
build() {
  local outputs=$1
  shift
  HOME=$nested_home ./bazelw --nohome_rc --output_user_root="$outputs" --max_idle_secs=120 \
    build --color=no --curses=no --noshow_progress --disk_cache="$cache" "$@" "$cell" >"$log" 2>&1
}
# Results do not come from the cache.
fresh=(--modify_execution_info=Train=+no-cache)
right() { [[ -e $result && $(sha256sum <"$result") == "$expected" ]]; }
gone() { chmod u+w "$(dirname "$(readlink -f "$result")")" && rm -f "$result"; }
# once_it_trains PATTERN: its process, when it is there; one of ours.
once_it_trains() {
  local pid
  for _ in $(seq 600); do
    for pid in $(pgrep -f "$1"); do
      [[ $(readlink "/proc/$pid/cwd") != "$scratch"/* ]] || { echo "$pid"; return; }
    done
    sleep 0.1
  done
  return 1
}
trains='experiments/logistic/train/train --spec .*toy_sgd_m1_spec'
# train_by_hand OUT: the cell without Bazel.
train_by_hand() {
  rm -f "$1"
  (cd "$tree" && p=bazel-bin/experiments/logistic && exec $p/train/train \
    --spec=$p/toy_sgd_m1_spec.textproto --dataset=bazel-bin/data/toy.dataset --target=$cell \
    --optima=$p/toy_optimum_paper.result.pb,$p/toy_optimum_exact.result.pb --out="$1") >"$log" 2>&1
}
said() { grep -v '^INFO' "$log" | grep -m 1 -ioE ".{0,75}($1).{0,75}" | head -n 1 | grep .; }

documented "$scratch"
toy "$tree"
cd "$tree" || exit 1
build "$outputs" "${fresh[@]}" || {
  cat "$log"
  exit 1
}
expected=$(sha256sum <"$result")

kill_trainer() {
  gone
  build "$outputs" "${fresh[@]}" &
  local pid
  pid=$(once_it_trains "$trains") && kill -9 "$pid"
  wait $! && { broken "the build went on"; return; }
  local word
  word=$(said 'killed|signal|failed') || { broken "no word"; return; }
  [[ ! -e $result ]] || { broken "there is a result"; return; }
  build "$outputs" "${fresh[@]}" && right && outcome "absent ($word); right when built again" ||
    broken "not right when built again"
}
kill_bazel() {
  gone
  build "$outputs" "${fresh[@]}" &
  once_it_trains "$trains" >/dev/null
  for pid in "$outputs"/*/server/server.pid.txt; do kill -9 "$(<"$pid")"; done
  wait $! && { broken "the build went on"; return; }
  local word
  word=$(said 'server|terminated') || { broken "no word"; return; }
  [[ ! -e $result ]] || right || { broken "there is a wrong result"; return; }
  build "$outputs" "${fresh[@]}" && right && outcome "absent ($word); right when built again" ||
    broken "not right when built again"
}
refused_or_right() { # HOW OUT WORD: after train_by_hand, whose status is $?
  local status=$?
  if ((status == 0)); then
    [[ $(sha256sum <"$2") == "$expected" ]] && outcome "$1: right" || broken "$1: other bytes"
  elif [[ -e $2 || -n $(find "$(dirname "$2")" -name "$(basename "$2")*") ]]; then
    broken "$1: something was left"
  elif said "$3" >/dev/null; then
    outcome "$1: absent ($(said "$3"))"
  else
    broken "$1: no word"
  fi
}
memory_limit() {
  # A few MB are all that it takes.
  (ulimit -v 9000 && train_by_hand "$scratch/limited.pb")
  refused_or_right "ulimit -v of 9 MB" "$scratch/limited.pb" 'memory|failed to map'
}
memory_cgroup() {
  local group=/sys/fs/cgroup/memory/anisograd_faults limit=memory.limit_in_bytes
  if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
    group=/sys/fs/cgroup/anisograd_faults limit=memory.max
  fi
  mkdir "$group" 2>/dev/null || { skip "no cgroup of memory that can be written"; return; }
  echo 1000000 >"$group/$limit"
  (echo "$BASHPID" >"$group/cgroup.procs" && exec 2>/dev/null && train_by_hand "$scratch/limited.pb")
  local status=$?
  rmdir "$group"
  if [[ $status == 137 && -z $(find "$scratch" -maxdepth 1 -name 'limited.pb*') ]]; then
    outcome "a cgroup of 1 MB: absent (the system kills the trainer)"
  else
    (exit $status)
    refused_or_right "a cgroup of 1 MB" "$scratch/limited.pb" 'memory'
  fi
}
small_disk() { mkdir -p "$scratch/small" && mount -t tmpfs -o "size=$1" none "$scratch/small" 2>/dev/null; }
full_disk() {
  small_disk 4k || { skip "no mount"; return; }
  train_by_hand "$scratch/small/cell.pb"
  refused_or_right "4 kB of disk" "$scratch/small/cell.pb" 'No space left'
  umount "$scratch/small"
}
full_output_base() {
  small_disk 8m || { skip "no mount"; return; }
  build "$scratch/small" && { broken "8 MB were enough"; return; }
  local word
  word=$(said 'No space left|space') || { broken "no word"; return; }
  nested_stop "$scratch/small"
  mount -o remount,size=3g "$scratch/small"
  build "$scratch/small" && right && outcome "8 MB for all outputs: absent ($word); right with room" ||
    broken "not right with room"
  nested_stop "$scratch/small"
  sleep 1
  umount -l "$scratch/small"
}
# Of a4a, whose file is in the distdir and has a checksum.
official() { sed -n '/"a4a"/,/sha256/s/.*sha256 = "\(.*\)".*/\1/p' data/datasets.bzl | head -n 1; }
bad_distdir() {
  [[ -e ../shared/distdir/a4a ]] || { skip "a4a is not in the distdir"; return; }
  local files
  files=$(readlink -f ../shared/distdir)
  rm -f data/distdir
  mkdir data/distdir "$scratch/distdir"
  sed '1s/:1 /:2 /' "$files/a4a" >data/distdir/a4a
  cp data/distdir/a4a "$scratch/distdir"
  mv "$scratch/shared" "$scratch/shared.away"
  local ours=$cell
  cell=//data:official_a4a
  if build "$scratch/out_distdir" --distdir="$scratch/distdir" --disk_cache=; then
    broken "a changed file was taken"
  else
    said 'wrong checksum' >/dev/null && outcome "absent ($(said 'wrong checksum'))" || broken "no word"
  fi
  cell=$ours
  mv "$scratch/shared.away" "$scratch/shared"
  rm -rf data/distdir
  ln -s ../../shared/distdir data/distdir
}
bad_repository_cache() {
  [[ -e ../shared/distdir/a4a ]] || { skip "a4a is not in the distdir"; return; }
  local at=$scratch/repositories/content_addressable/sha256/$(official) ours=$cell
  mkdir -p "$at"
  echo nonsense >"$at/file"
  cell=//data:official_a4a
  if build "$scratch/out_distdir" --repository_cache="$scratch/repositories" --disk_cache= &&
    [[ $(sha256sum <bazel-bin/data/official/a4a) == "$(official) "* ]]; then
    outcome "right (what has the wrong checksum is not taken)"
  elif said 'checksum|could not be had' >/dev/null; then
    outcome "absent ($(said 'checksum|could not be had'))"
  else
    broken "other bytes, or no word"
  fi
  cell=$ours
}
clock() {
  command -v faketime >/dev/null || { skip "there is no faketime"; return; }
  local at
  for at in '1999-12-31 23:59:59' '2090-01-01 00:00:00' '+1d x5000' '+0 x-1000'; do
    # A clock that runs, fast or backwards, from there.
    (FAKETIME_DONT_FAKE_MONOTONIC=0 faketime -f "@$at" true) 2>/dev/null || true
    (export LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1 FAKETIME="$at"
      train_by_hand "$scratch/clock.pb")
    [[ $(sha256sum <"$scratch/clock.pb") == "$expected" ]] || { broken "other bytes at $at"; return; }
    rm "$scratch/clock.pb"
  done
  # Sources from the future, then of 1980: Bazel goes by contents.
  find . -name '*.textproto' -exec touch -d 2090-01-01 {} +
  build "$outputs" && right || { broken "sources of 2090"; return; }
  find . -name '*.textproto' -exec touch -d 1980-01-02 {} +
  build "$outputs" && right || { broken "sources of 1980"; return; }
  outcome "right (in 1999, in 2090, fast, backwards; sources of 2090 and of 1980)"
}
two_builds() {
  gone
  build "$outputs" "${fresh[@]}" &
  once_it_trains "$trains" >/dev/null
  log=$scratch/log2 build "$outputs" "${fresh[@]}"
  local second=$?
  wait $! && ((second == 0)) && right && outcome "right (the second waits for the first)" ||
    broken "one of them failed"
}
two_folders() {
  gone
  toy "$scratch/tree2"
  build "$outputs" "${fresh[@]}" &
  (cd "$scratch/tree2" && log=$scratch/log2 build "$scratch/out2" "${fresh[@]}" && right)
  local second=$?
  wait $! && ((second == 0)) && right && outcome "both right (with one disk cache)" ||
    broken "one of them failed or has other bytes"
  nested_stop "$scratch/out2"
}
no_home() {
  local word
  HOME=/proc/nohome TMPDIR=$scratch ./bazelw --nohome_rc --max_idle_secs=60 build \
    --disk_cache="$cache" $cell >"$log" 2>&1 && right &&
    outcome "right ($(said 'cannot use'))" || broken "not built"
  nested_stop "$scratch/bazel_$(id -u)"
  build "$outputs"
}
under_tmp() {
  under_tmp=$(mktemp -d /tmp/anisograd_faults.XXXXXX)
  toy "$under_tmp/tree"
  (cd "$under_tmp/tree" && build "$scratch/out_tmp" "${fresh[@]}" && right)
  local first=$?
  nested_stop "$scratch/out_tmp"
  ((first == 0)) && outcome "right" || broken "not built"
}
blank_in_path() {
  local folder=$scratch/'Zoë B'
  mkdir "$folder"
  cp -r bazelw tools "$folder"
  (cd "$folder" && ./bazelw build $cell) >"$log" 2>&1 && { broken "no refusal"; return; }
  said 'a blank or a letter' >/dev/null && outcome "absent ($(said 'a blank or a letter'))" || broken "no word"
}
umask_() {
  toy "$scratch/tree3"
  (umask 077 && cd "$scratch/tree3" && build "$scratch/out3" "${fresh[@]}" && right)
  local status=$?
  nested_stop "$scratch/out3"
  ((status == 0)) && outcome "right" || broken "not built"
}
# as_user COMMAND...: without root, in a home of its own.
as_user() {
  setpriv --reuid=12345 --regid=12345 --clear-groups env -i PATH="$PATH" USER=somebody \
    HOME="$scratch/user" "$@"
}
prepare_user() {
  (($(id -u) == 0)) || { skip "not root"; return 1; }
  [[ ! -d $scratch/user ]] || return 0
  mkdir "$scratch/user"
  toy "$scratch/user/tree"
  chown -R 12345:12345 "$scratch/user"
}
user_build='cd "$0" && ./bazelw --max_idle_secs=60 build --color=no --curses=no --noshow_progress \
  --disk_cache="$1" '"${fresh[*]} $cell"
user() {
  prepare_user || return
  as_user bash -c "$user_build" "$scratch/user/tree" "$cache" >"$log" 2>&1
  local status=$?
  (cd "$scratch/user/tree" && ((status == 0)) && right) && outcome "right" || broken "not built"
  nested_stop "$scratch/user/.cache/bazel/_bazel_somebody"
}
no_namespaces() {
  command -v bwrap >/dev/null || { skip "there is no bwrap"; return; }
  prepare_user || return
  rm -rf "$scratch/user/.cache"
  bwrap --bind / / --dev-bind /dev /dev --proc /proc --unshare-user --disable-userns \
    --uid 12345 --gid 12345 true 2>"$log" || { skip "bwrap cannot forbid namespaces here"; return; }
  as_user bwrap --bind / / --dev-bind /dev /dev --proc /proc --unshare-user --disable-userns \
    bash -c "! unshare -U true 2>/dev/null && $user_build" "$scratch/user/tree" "$cache" >"$log" 2>&1
  local status=$?
  (cd "$scratch/user/tree" && ((status == 0)) && right) && outcome "right (actions are not isolated)" ||
    broken "not built"
  nested_stop "$scratch/user/.cache/bazel/_bazel_somebody"
}

for name in "${cases[@]}"; do
  # Cases leave the links of other builds behind.
  cd "$tree" && build "$outputs" "${fresh[@]}" || exit 1
  case $name in umask) umask_ ;; *) "$name" ;; esac
done
exit $wrong

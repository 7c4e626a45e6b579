#!/usr/bin/env bash
# bazelw_test.sh BAZELW BAZELRC PACKAGES: what bazelw decides, with a made-up
# bazel that prints what it was called with, on made-up machines.
set -euo pipefail

fail() {
  echo "FAIL: $*" >&2
  cat "$scratch/out" "$scratch/errors" >&2
  exit 1
}

scratch=$(readlink -f "$TEST_TMPDIR")
mkdir -p "$scratch"/{bin,home,elsewhere,tmp}

# A clone in $1.
clone() {
  mkdir -p "$1/tools/base"
  cp "$bazelw" "$1/bazelw"
  cp "$bazelrc" "$1/.bazelrc"
  cp "$packages" "$1/tools/packages.txt"
  touch "$1/WORKSPACE"
}
bazelw=$PWD/$1 bazelrc=$PWD/$2 packages=$PWD/$3

program() {
  cat >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}
program bazel <<'END'
#!/bin/sh
echo "in=$PWD user=${ANISOGRAD_WORKING_DIRECTORY-none}"
for argument in "$@"; do echo "argument=$argument"; done
for argument in "$@"; do
  case $argument in --bazelrc=*) cat "${argument#*=}" ;; esac
done
END
program dpkg-query <<'END'
#!/bin/sh
for package in "$@"; do
  grep -qx "$package" "$MISSING" && echo "$package deinstall ok config-files" || case $package in
    g++) echo "g++ hold ok installed" ;;
    *) echo "$package install ok installed" ;;
  esac
done
END
# The home that the password file has.
program getent <<'END'
#!/bin/sh
echo "user:x:$2:$2::$PASSWD_HOME:/bin/sh"
END
export PASSWD_HOME=$scratch/passwd_home
export MISSING=$scratch/missing
: >"$MISSING"
program apt-get <<'END'
#!/bin/sh
echo "apt-get $*" >>"$MISSING.log"
END

# run STATUS FOLDER BAZELW ARGUMENT...: from FOLDER.
run() {
  local expected=$1 folder=$2 status=0
  shift 2
  (cd "$folder" && PATH=$scratch/bin:$PATH TMPDIR=$scratch/tmp \
    HOME=${home:-$scratch/home} "$@") \
    >"$scratch/out" 2>"$scratch/errors" </dev/null || status=$?
  ((status == expected)) || fail "$* exits with $status"
}
prints() { grep -qxF -e "$1" "$scratch/out" || fail "no line \"$1\""; }
never_prints() { ! grep -qF -e "$1" "$scratch/out" || fail "there is \"$1\""; }
# One line, which starts with bazelw's name and has every $1...
complains() {
  [[ $(wc -l <"$scratch/errors") == 1 && $(<"$scratch/errors") == "bazelw: "* ]] ||
    fail "not one line"
  for text in "$@"; do
    [[ $(<"$scratch/errors") == *"$text"* ]] || fail "no \"$text\""
  done
}
silent() { [[ ! -s $scratch/errors ]] || fail "not silent"; }

clone "$scratch/clone"
under_tmp=false
[[ $scratch != /tmp/* ]] || under_tmp=true

# From the workspace and below it, it is just bazel; from elsewhere, by its path
# or by a link, Bazel is in the workspace and knows where the user is.
run 0 "$scratch/clone" ./bazelw build '//x:y' --flag='a b'
silent
prints "in=$scratch/clone user=none"
prints 'argument=--flag=a b'
run 0 "$scratch/clone/tools/base" ../../bazelw test :z
prints "in=$scratch/clone/tools/base user=none"
run 0 "$scratch/elsewhere" ../clone/bazelw run //x -- --out=f
prints "in=$scratch/clone user=$scratch/elsewhere"
ln -s ../clone/bazelw "$scratch/elsewhere/link"
run 0 "$scratch/elsewhere" env ANISOGRAD_WORKING_DIRECTORY=/old ./link run //x
prints "in=$scratch/clone user=$scratch/elsewhere"
clone "$scratch/other"
run 0 "$scratch/other" ../clone/bazelw run //x
prints "in=$scratch/clone user=$scratch/other"
run 0 "$scratch/clone" env ANISOGRAD_WORKING_DIRECTORY=/old ./bazelw run //x
prints "in=$scratch/clone user=none"

# /tmp is left to actions as it is where the workspace or the outputs are in it,
# and only there.
without_private_tmp() {
  prints argument=--noworkspace_rc
  never_prints --sandbox_tmpfs_path
  prints 'build --compilation_mode=opt'
}
grep -q -e '^build --sandbox_tmpfs_path=/tmp$' "$bazelrc" || fail ".bazelrc"
if ! $under_tmp; then
  run 0 "$scratch/clone" ./bazelw build //x
  never_prints --noworkspace_rc
  never_prints output_user_root
  run 0 "$scratch/clone" ./bazelw --output_user_root=/var/x build //x
  never_prints --noworkspace_rc
  # Of a program, not of Bazel.
  run 0 "$scratch/clone" ./bazelw run //x -- --output_base=/tmp/x
  never_prints --noworkspace_rc
fi
for startup in --output_user_root=/tmp/x '--output_user_root /tmp/x' \
  --output_base=/tmp/x '--batch --output_base=/tmp/x'; do
  # shellcheck disable=SC2086
  run 0 "$scratch/clone" ./bazelw $startup build //x
  without_private_tmp
done
echo 'startup --host_jvm_args=-Xmx1g --output_user_root=/tmp/x' \
  >"$scratch/home/.bazelrc"
run 0 "$scratch/clone" ./bazelw build //x
without_private_tmp
rm "$scratch/home/.bazelrc"
in_tmp=$(mktemp -d /tmp/bazelw_test.XXXXXX)
trap 'rm -rf "$in_tmp"' EXIT
clone "$in_tmp/clone"
run 0 "$scratch/elsewhere" "$in_tmp/clone/bazelw" build //x
without_private_tmp
silent

# The disk cache is in the password file's home, where that can be written.
grep -q -e '^build --disk_cache=~/[.]cache/anisograd-bazel$' "$bazelrc" || fail ".bazelrc"
run 0 "$in_tmp/clone" ./bazelw build //x
prints 'build --disk_cache=~/.cache/anisograd-bazel'
PASSWD_HOME=/dev/null/home
run 0 "$scratch/clone" ./bazelw build //x
prints argument=--noworkspace_rc
never_prints --disk_cache
prints 'build --compilation_mode=opt'
$under_tmp || prints 'build --sandbox_tmpfs_path=/tmp'
silent
PASSWD_HOME=$scratch/passwd_home

# A home that cannot be written, or is none: another place, and which.
home=/dev/null/home
run 0 "$scratch/clone" ./bazelw build //x
complains /dev/null/home/.cache/bazel --output_user_root=FOLDER
prints "argument=--output_user_root=$scratch/tmp/bazel_$(id -u)"
run 0 "$scratch/clone" ./bazelw --output_user_root="$scratch/o" build //x
silent
home="$scratch/Zoë"
mkdir "$home"
run 0 "$scratch/clone" ./bazelw build //x
complains "$home/.cache/bazel"
home=

# Folders that Bazel cannot take.
for name in 'a b' Zoë; do
  clone "$scratch/$name/clone"
  run 1 "$scratch/$name/clone" ./bazelw build //x
  complains "cannot build in a folder with a blank" "mv '$scratch/$name/clone'"
done
# A user's folder may have any name.
run 0 "$scratch/a b" "$scratch/clone/bazelw" build //x
prints "in=$scratch/clone user=$scratch/a b"

# Packages that are missing are installed, by root, or named.
grep -v '^#' "$packages" | grep -m 2 . >"$MISSING"
two=$(tr '\n' ' ' <"$MISSING" | sed 's/ $//')
program id <<'END'
#!/bin/sh
echo 0
END
run 0 "$scratch/clone" ./bazelw build //x
complains "installing $two"
grep -q "^apt-get install .*$two\$" "$MISSING.log" || fail "not installed"
program id <<'END'
#!/bin/sh
echo 1000
END
program sudo <<'END'
#!/bin/sh
exit 1
END
run 1 "$scratch/clone" ./bazelw build //x
complains "apt-get install $two"
program sudo <<'END'
#!/bin/sh
[ "$1" = -n ] && exit 0
echo "as root" >>"$MISSING.log"
exec "$@"
END
run 0 "$scratch/clone" ./bazelw build //x
grep -q '^as root$' "$MISSING.log" || fail "not as root"
echo PASS

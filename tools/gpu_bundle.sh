#!/usr/bin/env bash
# gpu_bundle.sh OUT FILE...: packs files for a machine with a GPU into OUT, a
# tar.gz: gpu_run.sh, gpu_tests.sh and cuda_release at the top, *.textproto in specs/ under their own paths,
# *.py in peers/, token files in data/, programs in bin/, official
# files where text_tokenize looks for them, and in lib/ the shared libraries that
# the programs need, but for the C library's and CUDA's, which that machine has.
# The C++ compiler's are in lib/compiler/, for machines whose own are too old: they
# want a C library as new as the one here, the programs themselves an older one.
# The same inputs give the same bytes.
set -euo pipefail
out=$1
shift
compiler='libstdc\+\+|libgcc_s'
provided='libc|libm|libdl|librt|libpthread|libcu[a-zA-Z]*|libnv[a-zA-Z]*'
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder"/{bin,data,lib/compiler,peers,specs}
for file in "$@"; do
  case $file in
    *.textproto)
      # Generated ones, too, where the source's would be.
      spec=$folder/specs/${file#bazel-out/*/bin/}
      mkdir -p "$(dirname "$spec")"
      cp -L "$file" "$spec"
      ;;
    */data/official/*)
      runfile=$folder/bin/text_tokenize.runfiles/anisograd/${file#bazel-out/*/bin/}
      mkdir -p "$(dirname "$runfile")"
      cp -L "$file" "$runfile"
      ;;
    *_tokens.bin) cp -L "$file" "$folder/data/" ;;
    *.py) cp -L "$file" "$folder/peers/" ;;
    */cuda_release) cp -L "$file" "$folder/" ;;
    */gpu_run.sh | */gpu_tests.sh) cp -L "$file" "$folder/" ;;
    *)
      cp -L "$file" "$folder/bin/"
      ldd "$file" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' |
        { grep -Ev "/($provided)[.]so" || true; } |
        while read -r library; do
          to=$folder/lib/
          if [[ $library =~ /($compiler)[.]so ]]; then to+=compiler/; fi
          cp -L "$library" "$to"
        done
      ;;
  esac
done
chmod -R u=rwX,go=rX "$folder"
tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
  --format=gnu -C "$folder" -cf - . | gzip -9 -n >"$out"

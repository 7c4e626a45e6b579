#!/usr/bin/env bash
# avx512.sh TEST_TARGET [ARGUMENT]...: runs a test on a processor with AVX-512 that
# Bochs emulates, for machines that have none: its kernel is Debian's, its only
# program the test. Prints what the test prints; the exit status is the test's.
# Takes minutes: an emulated second is about a minute long.
#
# Needs the Debian packages bochs bochs-term bochsbios vgabios isolinux
# syslinux-common genisoimage cpio busybox-static, and a network for the kernel.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
(($# > 0)) || { sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 1; }
target=$1
shift
./bazelw build "$target" >&2
test=bazel-bin/${target#//}
test=${test/://}

scratch=$(mktemp -d)
bochs=
# What script runs ends with it, and so does the reader of its screen.
trap '[[ -z $bochs ]] || kill "$bochs" 2>/dev/null || true; rm -rf "$scratch"' EXIT
root=$scratch/root iso=$scratch/iso
mkdir -p "$root"/{bin,proc,dev,tmp} "$iso/isolinux"

kernel=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
(cd "$scratch" && apt-get download -qq "$kernel" 2>/dev/null && dpkg -x "$kernel"*.deb kernel)
cp "$scratch"/kernel/boot/vmlinuz* "$iso/vmlinuz"
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 "$iso/isolinux/"

# The test with the machine's libraries, at the places that they have here.
cp -L "$test" "$root/test"
chmod u+w "$root/test" && strip "$root/test"
ldd "$root/test" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library"
done
cp "$(command -v busybox)" "$root/bin/"
arguments=$(printf ' %q' "$@")
cat >"$root/init" <<EOF
#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev
exec >/dev/ttyS0 2>&1
echo "== \$(/bin/busybox grep -o -m 1 avx512f /proc/cpuinfo)"
TEST_TMPDIR=/tmp GTEST_COLOR=no /test$arguments
echo "== exit \$?"
/bin/busybox poweroff -f
EOF
chmod +x "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet | gzip -1 >"$iso/initrd.gz")
# Bochs reports the size of a compacted XSAVE area as that of the other format: the
# kernel must use neither XSAVEC (321) nor XSAVES (323), or it gives up AVX.
cat >"$iso/isolinux/isolinux.cfg" <<'EOF'
default linux
prompt 0
timeout 1
label linux
  kernel /vmlinuz
  append initrd=/initrd.gz console=ttyS0,115200 quiet clearcpuid=321,323 mitigations=off tsc=reliable
EOF
genisoimage -quiet -o "$scratch/disc.iso" -b isolinux/isolinux.bin -c isolinux/boot.cat \
  -no-emul-boot -boot-load-size 4 -boot-info-table "$iso"

cat >"$scratch/bochsrc" <<EOF
cpu: model=corei7_skylake_x, ips=50000000
memory: guest=512, host=512
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=$scratch/disc.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=$scratch/serial
display_library: term
sound: driver=dummy
log: $scratch/log
EOF
echo c >"$scratch/commands"
# Its display is a terminal that it opens, waits for somebody to read it, and names.
TERM=xterm script -qfec "bochs -q -f $scratch/bochsrc -rc $scratch/commands" "$scratch/typescript" \
  </dev/null >/dev/null &
bochs=$!
until screen=$(grep -o '/dev/pts/[0-9]*' "$scratch/typescript" 2>/dev/null); do
  kill -0 "$bochs" 2>/dev/null || { cat "$scratch/typescript" "$scratch/log" >&2; exit 1; }
  sleep 1
done
cat "$screen" >/dev/null 2>&1 &
wait "$bochs" || true
bochs=
[[ -e $scratch/serial ]] || { tail -n 5 "$scratch/log" >&2; exit 1; }
tr -d '\r' <"$scratch/serial" | grep -vE '^\[ +[0-9]+[.][0-9]+\]'
grep -q '^== avx512f' "$scratch/serial" || { echo "no AVX-512 in there" >&2; exit 1; }
exit "$(tr -d '\r' <"$scratch/serial" | sed -n 's/^== exit //p' | grep . || echo 1)"

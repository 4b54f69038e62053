#!/usr/bin/env bash
# The packages: built, looked through by lintian, installed and removed in a bare Debian, and the archive unpacked and run
# there without a single package. Minutes. SAKER_PACKAGES: a folder with packages that exist, instead of building them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=tests/packages/bare.sh
source tests/packages/bare.sh

if [ -z "${SAKER_PACKAGES:-}" ]; then
  scripts/build_packages.sh
  SAKER_PACKAGES=build/packages
fi
packages=$(cd "$SAKER_PACKAGES" && pwd)
newest_glibc=2.28  # docs/packages.md says so
work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
failures=0
complain() {
  echo "FAILED: $1" >&2
  failures=$((failures + 1))
}

debs=("$packages"/saker_*.deb "$packages"/libsaker-dev_*.deb "$packages"/saker-video_*.deb "$packages"/saker-train_*.deb)
for deb in "${debs[@]}"; do [ -f "$deb" ] || { echo "no $deb"; exit 1; }; done
depends() { dpkg-deb --field "$1" Depends; }

echo "-- what the packages say"
if command -v lintian >/dev/null; then
  lintian --fail-on error --allow-root "${debs[@]}" >"$work/lintian" 2>&1 || complain "lintian: $(grep '^E' "$work/lintian")"
  grep -c '^W' "$work/lintian" | sed 's/$/ warnings of lintian/' || true
else
  echo "no lintian here"
fi
depends "${debs[0]}" | grep -q 'libav\|torch' && complain "saker depends on FFmpeg or LibTorch: $(depends "${debs[0]}")"
depends "${debs[2]}" | grep -q 'libavformat' || complain "saker-video does not depend on FFmpeg"
depends "${debs[3]}" | grep -q 'libtorch' || complain "saker-train does not depend on LibTorch"
files=$(dpkg-deb --fsys-tarfile "${debs[0]}" | tar -t)
for file in ./usr/bin/saker ./usr/bin/saker-serve ./usr/bin/saker-loadtest ./lib/systemd/system/saker-serve.service \
  ./etc/saker/serve.yaml ./usr/share/man/man1/saker-detect.1.gz ./usr/share/bash-completion/completions/saker; do
  grep -qxF "$file" <<<"$files" || complain "saker has no $file"
done
service=$(dpkg-deb --fsys-tarfile "${debs[0]}" | tar -xO ./lib/systemd/system/saker-serve.service)
grep -q '^ExecStart=/usr/bin/saker serve --config /etc/saker/serve.yaml$' <<<"$service" || complain "the service starts something else"

echo "-- what the archive needs"
archive=$(find "$packages" -name 'saker-*.tar.xz')
mkdir "$work/archive"
tar -xf "$archive" -C "$work/archive" --strip-components=1
while read -r file; do
  needed=$(objdump -p "$file" | awk '$1 == "NEEDED" && $2 !~ /^(libc|libm|libdl|libpthread|librt|ld-linux-x86-64)\.so/ { print $2 }')
  [ -z "$needed" ] || complain "${file#"$work/archive/"} needs $needed"
  glibc=$(objdump -T "$file" | grep -oE 'GLIBC_[0-9.]+' | sed 's/GLIBC_//' | sort -V | tail -n 1)
  echo "${file#"$work/archive/"}: glibc $glibc"
  [ "$(printf '%s\n' "$glibc" "$newest_glibc" | sort -V | tail -n 1)" = "$newest_glibc" ] ||
    complain "${file#"$work/archive/"} needs glibc $glibc, later than $newest_glibc"
done < <(find "$work/archive/bin" "$work/archive/lib" -type f \( -perm -u+x -o -name '*.so*' \))

# A program in C that uses the packages' library, for the same old glibc.
cmake/glibc/make_floor.sh $newest_glibc build/glibc
cc -std=c99 -I include examples/detect.c -o "$work/detect" -B build/glibc/ -Wl,--allow-shlib-undefined -L "$work/archive/lib" -lsaker

if ! bare_ready; then
  echo "no bare Debian: needs root, debootstrap and namespaces"
  [ "$failures" -eq 0 ] || exit 1
  exit 77
fi

echo "-- installed in a bare Debian 12"
root=$work/root
bare_root bookworm "$root"
mkdir "$root/packages"
cp "${debs[@]}" "$root/packages"
cp tests/packages/installed.sh "$work/detect" "$root/packages"
bare_run "$root" bash /packages/installed.sh || complain "installed.sh in Debian 12"

for suite in ${ARCHIVE_SUITES:-bookworm}; do
  echo "-- the archive in a bare $suite"
  bare_root "$suite" "$root"
  mkdir -p "$root/some where"
  cp "$work/detect" "$root/some where"
  tar -xf "$archive" -C "$root/some where"  # a bare Debian has no xz
  cp tests/packages/unpacked.sh "$root/some where"
  bare_run "$root" bash "/some where/unpacked.sh" || complain "unpacked.sh in $suite"
done
[ "$failures" -eq 0 ]

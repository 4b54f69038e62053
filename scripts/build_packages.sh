#!/usr/bin/env bash
# Builds the packages into build/packages: Debian's (saker, libsaker-dev, saker-video, saker-train) and an archive that
# runs where it is unpacked (docs/packages.md). Debian 12; other systems: --archive, with what install_packages.sh says.
#
#   scripts/build_packages.sh [--debian | --archive]      both without a word
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

debian=1 archive=1
case "${1:-}" in
  '') ;;
  --debian) archive=0 ;;
  --archive) debian=0 ;;
  *)
    sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
    [ "$1" = --help ] || [ "$1" = -h ] || exit 2
    exit 0
    ;;
esac
out=$PWD/build/packages
mkdir -p "$out"

# configured FOLDER FLAG...: a release build in build/FOLDER, quiet while all is well.
configured() {
  local folder=build/$1
  shift
  local -a launcher=()
  if command -v ccache >/dev/null; then
    launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    export CCACHE_BASEDIR=$PWD
  fi
  mkdir -p "$folder"
  if ! cmake --preset release -B "$folder" "${launcher[@]}" -DSAKER_BUILD_TESTS=OFF -DSAKER_BUILD_EXAMPLES=OFF \
    -DSAKER_WITH_SERVE=ON "$@" >"$folder/configure.log" 2>&1; then
    tail -n 30 "$folder/configure.log" >&2
    exit 1
  fi
}

# packed FOLDER GENERATOR TARGET...
packed() {
  local folder=build/$1 generator=$2
  shift 2
  cmake --build "$folder" --parallel "$(nproc)" --target "$@"
  rm -rf "$folder/packages"
  if ! (cd "$folder" && cpack -G "$generator" --config CPackConfig.cmake) >"$folder/cpack.log" 2>&1; then
    tail -n 30 "$folder/cpack.log" >&2
    exit 1
  fi
}

commands=(saker_cli saker_server saker_loadtest saker_shared saker_man_pages)

if [ "$debian" -eq 1 ]; then
  scripts/install_packages.sh --also dpkg-dev file libtiff-dev libgif-dev libavif-dev libopenjp2-7-dev libtorch-dev
  configured debian -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_INSTALL_LIBDIR="lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)" \
    -DSAKER_DEBIAN_FILES=ON -DSAKER_WITH_VIDEO=ON -DSAKER_WITH_TRAINING=ON -DSAKER_LIBTORCH=
  rm -f "$out"/*.deb
  packed debian DEB saker "${commands[@]}" saker_plugin_video saker_trainer
  cp build/debian/packages/*.deb "$out"
fi

if [ "$archive" -eq 1 ]; then
  scripts/install_packages.sh --also libtiff-dev libgif-dev libavif-dev libopenjp2-7-dev
  scripts/build_static_libraries.sh
  cmake/glibc/make_floor.sh 2.28 build/glibc
  configured archive -DSAKER_STATIC_DEPENDENCIES=ON -DSAKER_GLIBC_FLOOR="$PWD/build/glibc" \
    -DSAKER_WITH_VIDEO=OFF -DSAKER_WITH_TRAINING=OFF
  rm -f "$out"/*.tar.xz
  packed archive TXZ "${commands[@]}"
  cp build/archive/packages/*.tar.xz "$out"
fi
find "$out" -type f -printf '%9s bytes  %f\n' | LC_ALL=C sort -k 3

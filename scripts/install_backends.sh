#!/usr/bin/env bash
# Installs other engines and builds saker's plug-ins for them (docs/how-to/backends.md). Debian 12 on x86-64.
# What is there already is left alone.
#
#   scripts/install_backends.sh [NAME...]     onnxruntime, openvino, torchscript; default: all
#
# SAKER_BACKENDS_LIBS: where the libraries go, default build/backends-libs; keep it as long as the plug-ins.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What is fetched: versions, and SHA-256 of the files as they were when the plug-ins were written.
onnxruntime_version=1.31.1
onnxruntime_sha256=5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f
# Debian 13's package of headers: Debian 12 has none, and the wheel neither. The C API is stable: a newer library
# serves older headers.
onnxruntime_headers_suite=trixie
onnxruntime_headers_package=libonnxruntime-dev=1.21.0+dfsg-1
onnxruntime_headers_sha256=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
openvino_version=2026.4.1
openvino_sha256=2d22b1da03f7caf74df30e9f6417d0ab2f637e4a38e08e1dcd294d2c37407aaf

# shellcheck source=scripts/fetch_wheel.sh
source scripts/fetch_wheel.sh

all=(onnxruntime openvino torchscript)
names=("$@")
if [ $# -eq 0 ]; then names=("${all[@]}"); fi
for name in "${names[@]}"; do
  case $name in
    onnxruntime | openvino | torchscript) ;;
    -h | --help)
      sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      echo "unknown backend $name: there are ${all[*]}" >&2
      exit 2
      ;;
  esac
done

if [ "$(uname -m)" != x86_64 ]; then
  fail "This script knows the engines' files for x86-64 only; this is $(uname -m)." \
    "With libraries of your own: see docs/how-to/backends.md."
fi

mkdir -p "${SAKER_BACKENDS_LIBS:-build/backends-libs}"
libs=$(cd "${SAKER_BACKENDS_LIBS:-build/backends-libs}" && pwd)
work=$(mktemp -d "$libs/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT

# fetch_package SUITE PACKAGE=VERSION: $work/package.deb, by apt from the mirror this system uses. Its own lists and what
# is installed stay as they are.
fetch_package() {
  local suite=$1 package=$2 site apt="$work/apt"
  # shellcheck disable=SC2016 # a field of apt's, not a variable
  site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Component: main' | head -n 1)
  if [ -z "$site" ]; then fail "apt has no lists of packages: run apt-get update as root, and this again."; fi
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/package"
  echo "deb $site $suite main" >"$apt/sources.list"
  local -a get=(apt-get -qq -o "Dir::Etc::SourceList=$apt/sources.list" -o Dir::Etc::SourceParts=-
    -o "Dir::State=$apt/state" -o Dir::State::Status=/var/lib/dpkg/status -o "Dir::Cache=$apt/cache"
    -o APT::Sandbox::User=)
  if ! "${get[@]}" update >"$work/log" 2>&1 ||
    ! (cd "$apt/package" && "${get[@]}" download "$package") >>"$work/log" 2>&1; then
    fail "apt could not download $package of $suite from $site:" "$(tail -n 3 "$work/log")"
  fi
  mv "$apt"/package/*.deb "$work/package.deb"
}

fetch_onnxruntime() {
  local target=$1
  fetch_wheel onnxruntime "$onnxruntime_version" "$onnxruntime_sha256" 'onnxruntime/capi/libonnxruntime\.so'
  echo "Fetching its C headers from Debian"
  fetch_package "$onnxruntime_headers_suite" "$onnxruntime_headers_package"
  check_sha256 "$work/package.deb" "$onnxruntime_headers_sha256"
  dpkg-deb -x "$work/package.deb" "$work/headers"
  mkdir -p "$work/new/lib"
  mv "$work/headers/usr/include/onnxruntime" "$work/new/include"
  mv "$work"/onnxruntime/onnxruntime/capi/libonnxruntime.so.* "$work/new/lib/libonnxruntime.so.1"
  mv "$work/new" "$target"
}

# The wheel has all that programs in C++ need, CMake's files among it, which expect to lie in a folder openvino/.
fetch_openvino() {
  fetch_wheel openvino "$openvino_version" "$openvino_sha256" 'openvino/(cmake|include|libs)/'
  mv "$work/openvino" "$1"
}

packages=()
for name in "${names[@]}"; do
  case $name in
    torchscript) packages+=(libtorch-dev) ;;
    *) packages+=(python3 python3-pip) ;;
  esac
done
scripts/install_packages.sh --also "${packages[@]}"

# Folders appear when they are complete, under a name with the version.
options=()
targets=(saker_cli)
for name in "${names[@]}"; do
  targets+=("saker_plugin_$name")
  case $name in
    onnxruntime)
      root=$libs/onnxruntime-$onnxruntime_version
      if [ ! -d "$root" ]; then fetch_onnxruntime "$root"; fi
      # The -U: paths that CMake remembers from an earlier version.
      options+=(-U 'ONNXRUNTIME_*' -DSAKER_WITH_ONNXRUNTIME=ON "-DONNXRUNTIME_ROOT=$root")
      ;;
    openvino)
      root=$libs/openvino-$openvino_version
      if [ ! -d "$root" ]; then fetch_openvino "$root"; fi
      options+=(-DSAKER_WITH_OPENVINO=ON "-DOpenVINO_DIR=$root/openvino/cmake")
      ;;
    torchscript) options+=(-DSAKER_WITH_TORCHSCRIPT=ON) ;;
  esac
done

echo "Building the plug-ins: ${names[*]}"
mkdir -p build/release
if ! cmake --preset release "${options[@]}" >build/release/backends.log 2>&1; then
  fail "$(tail -n 20 build/release/backends.log)" "CMake could not configure the plug-ins; all it said: build/release/backends.log"
fi
scripts/build.sh release "${targets[@]}"

echo
build/release/saker backends
for name in "${names[@]}"; do
  if build/release/saker backends | grep -q "^$name .*not available"; then fail "" "$name was built but does not load."; fi
done

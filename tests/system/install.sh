#!/bin/bash
# The installed package: cmake --install, then the examples built against find_package(saker), and one of them run.
#   install.sh SOURCE_DIR BUILD_DIR
set -euo pipefail
source_dir=$1 build_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build_dir" --prefix "$work/prefix" > "$work/log"
for file in bin/saker include/saker/detector.h; do
  [ -e "$work/prefix/$file" ] || { echo "not installed: $file"; exit 1; }
done
cmake -G "$(sed -n "s/^CMAKE_GENERATOR:INTERNAL=//p" "$build_dir/CMakeCache.txt")" -S "$source_dir/examples" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_BUILD_TYPE=Release > "$work/log" || { cat "$work/log"; exit 1; }
cmake --build "$work/build" -j > "$work/log" || { cat "$work/log"; exit 1; }
program=$(find "$work/build" -name example_detect_picture -type f)
status=0
"$program" "$work/none.onnx" "$work/none.jpg" 2> "$work/error" || status=$?
[ "$status" -eq 1 ] || { echo "expected exit code 1 for a missing model, got $status"; exit 1; }
grep -q 'none.onnx' "$work/error" || { echo "the error does not name the file"; exit 1; }

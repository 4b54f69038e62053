#!/bin/bash
# The installed package: cmake --install, then programs built against it by CMake and by pkg-config, in C and C++, and run.
#   install.sh SOURCE_DIR BUILD_DIR
set -euo pipefail
source_dir=$1 build_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
fail() {
  echo "$1"
  exit 1
}
# quietly COMMAND...: its output only if it fails.
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; fail "failed: $*"; }; }

quietly cmake --install "$build_dir" --prefix "$prefix"
lib=$(dirname "$(find "$prefix" -name libsaker.a)")
for file in bin/saker include/saker/detector.h include/saker.h share/bash-completion/completions/saker \
  share/man/man1/saker.1.gz share/man/man1/saker-detect.1.gz share/saker/models/signs.int8.onnx; do
  [ -e "$prefix/$file" ] || fail "not installed: $file"
done
[ -e "$lib/libsaker.so.0" ] || fail "not installed: libsaker.so.0"
model=$prefix/share/saker/models/signs.int8.onnx picture=$prefix/share/saker/models/signs.jpg

# The examples by find_package(saker): C++ on the static library, C on the shared one.
generator=$(sed -n "s/^CMAKE_GENERATOR:INTERNAL=//p" "$build_dir/CMakeCache.txt")
quietly cmake -G "$generator" -S "$source_dir/examples" -B "$work/build" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release
quietly cmake --build "$work/build" -j
program=$(find "$work/build" -name example_detect_picture -type f)
status=0
"$program" "$work/none.onnx" "$work/none.jpg" 2> "$work/error" || status=$?
[ "$status" -eq 1 ] || fail "expected exit code 1 for a missing model, got $status"
grep -q 'none.onnx' "$work/error" || fail "the error does not name the file"
"$program" "$model" "$picture" | grep -v ' ms$' >"$work/expected"
[ "$(wc -l <"$work/expected")" -gt 1 ] || fail "the installed library finds nothing"

# checked PROGRAM [VARIABLE=VALUE]: finds the same boxes.
checked() {
  env "${@:2}" "$1" "$model" "$picture" | grep -v ' ms$' >"$work/found" || fail "$1 fails"
  diff "$work/expected" "$work/found" || fail "$1 finds other boxes"
}
checked "$(find "$work/build" -name example_detect -type f)"

# A project in C alone, which needs none of the C++ library's dependencies.
mkdir "$work/c"
cp "$source_dir/examples/detect.c" "$work/c"
cat >"$work/c/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(boxes LANGUAGES C)
find_package(saker 0.1 REQUIRED COMPONENTS c)
if(TARGET saker::saker)
  message(FATAL_ERROR "the C++ library came along")
endif()
add_executable(boxes detect.c)
target_link_libraries(boxes PRIVATE saker::c)
CMAKE
quietly cmake -G "$generator" -S "$work/c" -B "$work/c/build" -DCMAKE_PREFIX_PATH="$prefix"
quietly cmake --build "$work/c/build"
checked "$work/c/build/boxes"

# A Makefile with pkg-config.
cp "$source_dir/examples/detect_picture.cc" "$work/c"
cat >"$work/c/Makefile" <<'MAKE'
CFLAGS = -std=c99 -pedantic -Wall -Werror
CXXFLAGS = -std=c++20
in_c: detect.c
	$(CC) $(CFLAGS) $< -o $@ $$(pkg-config --cflags --libs saker)
in_cxx: detect_picture.cc
	$(CXX) $(CXXFLAGS) $< -o $@ $$(pkg-config --cflags --libs saker-cxx)
MAKE
export PKG_CONFIG_PATH=$lib/pkgconfig
quietly make -C "$work/c" in_c in_cxx
checked "$work/c/in_c" LD_LIBRARY_PATH="$lib"
checked "$work/c/in_cxx"
[ "$(pkg-config --modversion saker)" = "$(pkg-config --modversion saker-cxx)" ] || fail "two versions"

# Moved to another place, everything is still found.
mv "$prefix" "$work/elsewhere"
lib=${lib/"$prefix"/"$work/elsewhere"}
export PKG_CONFIG_PATH=$lib/pkgconfig
model=${model/"$prefix"/"$work/elsewhere"} picture=${picture/"$prefix"/"$work/elsewhere"}
rm "$work/c/in_c"
quietly make -C "$work/c" in_c
checked "$work/c/in_c" LD_LIBRARY_PATH="$lib"

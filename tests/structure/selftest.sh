#!/usr/bin/env bash
# Proves that every rule of check.sh can fail: each is run on a small tree that keeps it and on
# copies of that tree with one thing broken.
# shellcheck disable=SC2016 # the backquotes of Markdown
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
build=$work/build
objects=$build/src/kernels/CMakeFiles/saker_kernels.dir
failures=0

write() {  # write PATH LINE...: a file of the tree
  mkdir -p "$(dirname "$tree/$1")"
  printf '%s\n' "${@:2}" >"$tree/$1"
}

compile_kernels() {
  local source object
  rm -rf "$build"
  while read -r source; do
    object=$objects/${source#"$tree"/src/kernels/}.o
    mkdir -p "$(dirname "$object")"
    "${CXX:-g++}" -std=c++20 -O1 -c "$source" -o "$object"
  done < <(find "$tree/src/kernels" -name '*_avx2.cc')
}

good_tree() {
  rm -rf "$tree"
  write include/saker/result.h '#pragma once' '#include <string>'
  write include/saker/model.h '#pragma once' '#include <saker/result.h>'
  write src/README.md '`base/` checks.' '`kernels/` compute.' '`graph/` is a graph.'
  write src/base/check.h '#pragma once' '#include <saker/result.h>'
  write src/base/knobs.cc '#include <cstdlib>' 'const char* knob() { return std::getenv("SAKER_KNOB"); }'
  write src/graph/graph.h '#pragma once' '#include "base/check.h"' 'struct Graph { std::string name; };'
  write src/graph/graph-inl.h 'only_a_part_of_a_file'
  write src/graph/graph_test.cc '#include "kernels/gemm/gemm.h"' 'char* home = getenv("HOME");'
  write src/kernels/gemm/gemm.h '#pragma once' '#include "base/check.h"'
  write src/kernels/gemm/gemm_avx2.cc 'namespace { int twice(int x) { return 2 * x; } }' \
    'int (*const gemm_avx2_table[])(int) = {twice};' 'int gemm_avx2(int x) { return gemm_avx2_table[0](x); }'
  write apps/saker/main.cc '#include <saker/model.h>' '#include "graph/graph.h"' 'int main() {}'
  write src/graph/types.cc 'namespace saker {' 'struct Graph::State { int a; };  // of another' 'class Step;' \
    'namespace { struct Local { int a; }; }' 'namespace ops { enum class Kind { kA }; struct Outer { struct Inner {}; }; }' \
    'template <typename T, typename = void>' 'struct Traits {};' 'template <> struct Traits<int> {};' \
    'const char* text = "struct Kind {"; struct Kind* find(int) { struct Local {}; return nullptr; }' '}'
  write src/base/types.cc 'namespace saker {' '/* struct Outer { */ class Step {};' 'namespace {' 'struct Local { int b; };' '}' \
    'template <> struct Traits<long> {};' 'struct Inner {' '};' 'struct Kind {};' '}'
  write cmake/dependencies.cmake 'find_package(Threads REQUIRED)' 'find_package(fmt REQUIRED)' '  find_path(STB_DIR stb/stb.h)'
  write NOTICE 'built with {fmt} and stb'
}

run() {  # run RULE: exit status of the check; what it printed is in $output
  local -a arguments=("$1")
  if [ "$1" = isa_objects ]; then arguments+=("$build"); fi
  output=$(SAKER_STRUCTURE_ROOT=$tree bash "$here/check.sh" "${arguments[@]}" 2>&1)
}

expect_kept() {  # expect_kept RULE CASE
  if ! run "$1"; then
    printf 'FAIL %s: %s must pass, but it said:\n%s\n' "$1" "$2" "$output"
    failures=$((failures + 1))
  fi
}

expect_broken() {  # expect_broken RULE CASE TEXT: fails, and says TEXT
  if run "$1"; then
    printf 'FAIL %s: %s must fail\n' "$1" "$2"
    failures=$((failures + 1))
  elif [[ $output != *"$3"* ]]; then
    printf 'FAIL %s: %s must say "%s", but it said:\n%s\n' "$1" "$2" "$3" "$output"
    failures=$((failures + 1))
  fi
}

good_tree
compile_kernels
for rule in includes headers isa_objects readme sizes knobs types notice; do expect_kept "$rule" "the good tree"; done

# includes
write src/kernels/gemm/gemm.h '#include "graph/graph.h"'
expect_broken includes "a kernel that includes graph" 'gemm.h:1: kernels may not include graph/graph.h'
good_tree
write src/base/check.h '#include <saker/model.h>'
expect_broken includes "base that includes the public Model" 'base may not include saker/model.h'
good_tree
write src/graph/graph.h '  #  include <kernels/gemm/gemm.h>'
expect_broken includes "an include in angle brackets" 'graph may not include kernels/gemm/gemm.h'
good_tree
write src/graph/graph.h '#include "../kernels/gemm/gemm.h"'
expect_broken includes "a relative path" 'as a path from src/'
good_tree
write apps/saker/main.cc '#include "kernels/gemm/gemm.h"'
expect_broken includes "the command that includes a kernel" 'apps may not include'
good_tree
write include/saker/model.h '#include "graph/graph.h"'
expect_broken includes "a public header that includes an internal one" 'include may not include graph/graph.h'
good_tree
write src/novel/novel.h '#include "base/check.h"'
expect_broken includes "a folder that is not in the table" "no row for 'novel'"

# headers
good_tree
write src/graph/graph.h 'struct Graph { std::string name; };'
expect_broken headers "a header without its includes" 'src/graph/graph.h: does not compile alone'

# isa_objects
good_tree
write src/kernels/gemm/gemm_avx2.cc 'inline int twice(int x) { return 2 * x; }' \
  'int (*table)(int) = twice;' 'int gemm_avx2(int x) { return table(x); }'
compile_kernels
expect_broken isa_objects "a shared inline function" 'weak symbol (put it into an anonymous namespace): twice(int)'
good_tree
write src/kernels/gemm/gemm_avx2.cc 'template <typename T> struct Scale { static T value; };' \
  'template <typename T> T Scale<T>::value = 3;' 'int* gemm_avx2() { return &Scale<int>::value; }'
compile_kernels
expect_broken isa_objects "a shared variable" 'Scale<int>::value'
good_tree
write src/kernels/gemm/gemm_avx2.cc 'int ask();' 'namespace { const int answer = ask(); }' 'int gemm_avx2() { return answer; }'
compile_kernels
expect_broken isa_objects "a variable initialised at start-up" '.init_array'
good_tree
rm -rf "$build"
expect_broken isa_objects "a build without the object" 'no object'
rm -rf "$tree/src/kernels/gemm"
expect_broken isa_objects "a tree without kernels" 'nothing to check'

# readme
good_tree
mkdir -p "$tree/src/plan"
expect_broken readme "a folder that is not described" 'no paragraph for `plan/`'
rm "$tree/src/README.md"
expect_broken readme "a tree without src/README.md" 'is missing'

# sizes
good_tree
yes '// a line' | head -n 801 >"$tree/src/graph/graph.h" || true
expect_broken sizes "a file of 801 lines" 'src/graph/graph.h: 801 lines'

# knobs
good_tree
write src/graph/graph.h '#include <cstdlib>' 'inline char* home() { return std::getenv("HOME"); }'
expect_broken knobs "getenv outside base/knobs.cc" 'src/graph/graph.h:2'
good_tree
write apps/saker/main.cc 'void add(App& app) { app.flag("-v")->envname("SAKER_VERBOSE"); }'
expect_broken knobs "a flag that reads the environment" 'apps/saker/main.cc:1'

# types
good_tree
write src/base/more.h 'namespace saker' '{' '' 'struct Step final : Base<int> {' '  int other;' '};' '}'
expect_broken types "a class and a struct of one name" 'src/base/types.cc:2: saker::Step is also defined at src/base/more.h:4'
good_tree
write src/base/more.h 'namespace saker::ops { enum Kind : int { kB }; }'
expect_broken types "an enumeration of one name" 'saker::ops::Kind is also defined at src/base/more.h:1'
good_tree
write include/saker/more.h 'namespace saker {' 'template <typename A, typename B>' 'class [[nodiscard]] Traits {};' '}'
expect_broken types "two templates of one name" 'saker::Traits is also defined'

# notice
good_tree
write NOTICE 'built with {fmt}'
expect_broken notice "a library that is not named" 'NOTICE does not name stb'

if [ "$failures" -gt 0 ]; then exit 1; fi
echo "every rule can be kept and can be broken"

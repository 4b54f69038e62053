#!/usr/bin/env bash
# The rules of the source tree that a compiler does not check. One rule a call; prints each
# violation on a line of its own and fails if there is one.
#
#   check.sh includes                who may include whom
#   check.sh headers                 every header compiles alone (compiler: $CXX, default g++)
#   check.sh isa_objects BUILD_DIR   no shared or start-up code in objects built for one ISA level
#   check.sh readme                  src/README.md has a paragraph for every folder
#   check.sh sizes                   no file over 800 lines
#   check.sh knobs                   the environment is read in src/base/knobs.cc only
#   check.sh types                   no name of a type is defined twice in one namespace
#   check.sh notice                  NOTICE names every library of cmake/dependencies.cmake and picture_formats.cmake
#
# SAKER_STRUCTURE_ROOT: the tree to look at (selftest.sh sets it); default: this checkout.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${SAKER_STRUCTURE_ROOT:-$here/../..}
max_lines=800

# What the files of a folder may include besides their own folder. `vocabulary` is saker/result.h,
# saker/tensor.h and saker/planar.h, `public` every header of include/saker. Tests and benches are exempt.
allowed_includes='
include   public
base      vocabulary
tensor    vocabulary base
kernels   base
graph     vocabulary base tensor
recipe    vocabulary base
nets      vocabulary base tensor graph
model     vocabulary base tensor graph nets
passes    vocabulary base tensor graph
plan      vocabulary base tensor graph kernels
runtime   vocabulary base tensor graph plan kernels
compile   vocabulary base tensor graph passes plan kernels runtime
quantize  vocabulary base tensor graph passes runtime compile
exports   vocabulary base tensor graph nets model passes quantize
backends  public base tensor
api       public base tensor graph nets model passes exports kernels plan runtime compile backends
detect    public base kernels api
media     public base
video     public base
tracking  public base
pipeline  public base detect media video tracking
data      public base
synth     public base media data
report    public base media
sparsify  public base tensor graph passes runtime compile quantize
guard     public base tensor graph passes quantize detect media pipeline report
eval      public base data report media
augment   public base media data
losses    public base kernels
runs      public base data report media eval
measure   public base plan api detect media report pipeline
pull      vocabulary base
train     public base tensor graph recipe sparsify nets model passes quantize data eval augment losses runs
serve     public base tensor api detect media video tracking pipeline data report measure
capi      public base detect media
apps      public base synth tensor graph model passes plan runtime compile quantize api detect media video tracking pipeline data report guard eval runs measure pull exports nets augment losses train recipe sparsify serve
examples  public
python    public
'

violations=0
violation() {
  echo "$1"
  violations=$((violations + 1))
}

# sources FOLDER...: the C++ files of those folders that exist.
sources() {
  local folder
  for folder in "$@"; do
    if [ -d "$folder" ]; then
      find "$folder" -type f \( -name '*.h' -o -name '*.cc' -o -name '*.inl' \)
    fi
  done | LC_ALL=C sort
}

check_includes() {
  local name rest
  declare -A allowed
  while read -r name rest; do
    if [ -n "$name" ]; then allowed[$name]=" ${rest/public/public vocabulary} "; fi
  done <<<"$allowed_includes"

  local -a files
  mapfile -t files < <(sources include src apps examples python)
  if [ ${#files[@]} -eq 0 ]; then
    violation "no source files in $PWD"
    return
  fi

  local directive='^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"]'
  local file line text path owner target
  while IFS=: read -r file line text; do
    case $file in *_test.cc | *_bench.cc) continue ;; esac
    [[ $text =~ $directive ]] || continue
    path=${BASH_REMATCH[1]}

    owner=${file%%/*}
    if [ "$owner" = src ]; then
      owner=${file#src/}
      owner=${owner%%/*}
    fi
    if [ -z "${allowed[$owner]:-}" ]; then
      violation "$file:$line: no row for '$owner' in the table of tests/structure/check.sh"
      continue
    fi

    target=${path%%/*}
    case $path in
      ../* | */../*)
        violation "$file:$line: write \"$path\" as a path from src/"
        continue
        ;;
      saker/result.h | saker/tensor.h | saker/planar.h) target=vocabulary ;;
      saker/*) target=public ;;
      */*) [ -d "src/$target" ] || continue ;;  # a library, or a file beside this one
      *) continue ;;
    esac
    if [ "$target" != "$owner" ] && [[ ${allowed[$owner]} != *" $target "* ]]; then
      violation "$file:$line: $owner may not include $path"
    fi
  done < <(grep -HnE "$directive" "${files[@]}")
}

# Parts of other files (.inl, -inl.h) are exempt, and the headers of plug-ins, of LibTorch's part of train/ and of
# Boost's and gRPC's of serve/, whose libraries may not be there; a header for one ISA level gets that level's flags.
check_headers() {
  local -a headers
  mapfile -t headers < <(sources include src | grep '\.h$' | grep -v -e '-inl\.h$' -e '^src/backends/[^/]*/' -e '^src/train/torch/' -e '^src/video/libav/' -e '^src/serve/http/' -e '^src/serve/loadtest/' -e '^src/serve/zmq/zmq_library' -e '^src/serve/grpc/')
  if [ ${#headers[@]} -eq 0 ]; then
    violation "no headers in $PWD"
    return
  fi

  # shellcheck disable=SC2016 # expanded by the inner shell
  local compile='
    flags=()
    case $1 in
      *amx*) flags=(-march=x86-64-v4 -mamx-tile -mamx-int8 -mamx-bf16) ;;
      *avx512*) flags=(-march=x86-64-v4) ;;
      *avx2*) flags=(-march=x86-64-v3) ;;
    esac
    if ! messages=$("${CXX:-g++}" -std=c++20 -fsyntax-only -I include -I src "${flags[@]}" -x c++ -include "$1" /dev/null 2>&1); then
      printf "%s: does not compile alone\n%s\n" "$1" "$(head -n 4 <<<"$messages")"
      exit 1
    fi'
  if ! printf '%s\0' "${headers[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c "$compile" bash; then
    violations=$((violations + 1))
  fi
}

# The linker keeps one of several weak definitions, maybe the AVX-512 one for an old CPU; and
# .init_array runs before anybody has asked what the CPU can do. So these objects have neither.
check_isa_objects() {
  local build=$1
  local objects=$build/src/kernels/CMakeFiles/saker_kernels.dir
  local names
  names=$(sed -n 's/^set(SAKER_ISA_FLAGS_\([a-z0-9_]*\) .*/\1/p' "$here/../../cmake/isa.cmake" | paste -sd '|')
  local -a kernels
  mapfile -t kernels < <(sources src/kernels | grep -E "_($names)\.cc$")
  if [ ${#kernels[@]} -eq 0 ]; then
    violation "no src/kernels/**/*_{baseline,avx2,avx512}.cc in $PWD: nothing to check"
    return
  fi

  local kernel object symbols symbol sections
  for kernel in "${kernels[@]}"; do
    object=$objects/${kernel#src/kernels/}.o
    if [ ! -f "$object" ]; then
      violation "$kernel: no object $object"
      continue
    fi
    symbols=$(nm --demangle "$object")
    while read -r symbol; do
      violation "$kernel: weak symbol (put it into an anonymous namespace): $symbol"
    done < <(awk '$2 ~ /^[WVu]$/ { sub(/^[^ ]+ . /, ""); print }' <<<"$symbols")
    sections=$(readelf --wide --section-headers "$object")
    if grep -qE '\.(init_array|ctors)' <<<"$sections"; then
      violation "$kernel: has code that runs at start-up (.init_array)"
    fi
  done
}

check_readme() {
  local -a folders
  mapfile -t folders < <(find src -mindepth 1 -maxdepth 1 -type d | LC_ALL=C sort)
  if [ ${#folders[@]} -eq 0 ]; then violation "no folders in $PWD/src"; fi
  if [ ! -f src/README.md ]; then
    violation "src/README.md is missing"
    return
  fi
  local folder
  for folder in "${folders[@]}"; do
    # shellcheck disable=SC2016 # literal backquotes
    if ! grep -qF '`'"${folder#src/}"'/`' src/README.md; then
      violation "src/README.md: no paragraph for \`${folder#src/}/\`"
    fi
  done
}

check_sizes() {
  local -a files
  mapfile -t files < <(sources src include apps python)
  if [ ${#files[@]} -eq 0 ]; then violation "no source files in $PWD"; fi
  local file lines
  for file in "${files[@]}"; do
    lines=$(wc -l <"$file")
    if [ "$lines" -gt "$max_lines" ]; then violation "$file: $lines lines, more than $max_lines"; fi
  done
}

check_knobs() {
  local -a files
  mapfile -t files < <(sources src include apps python | grep -v -e '^src/base/knobs\.cc$' -e '_test\.cc$')
  if [ ${#files[@]} -eq 0 ]; then violation "no source files in $PWD"; fi
  local match
  # envname is how CLI11 reads a variable.
  while read -r match; do
    violation "$match (the environment is read in src/base/knobs.cc only)"
  done < <(grep -HnE '\b((secure_)?getenv|envname)[[:space:]]*\(|\benviron\b' "${files[@]}" /dev/null)
}

# Two definitions of one name in one program are undefined, and nobody says so: the linker keeps one of their functions.
check_types() {
  local -a files
  mapfile -t files < <(sources src include apps python | grep -v -e '_test\.cc$' -e '_bench\.cc$')
  if [ ${#files[@]} -eq 0 ]; then violation "no source files in $PWD"; fi
  local name place file
  declare -A defined
  while read -r name place; do
    file=${place%:*}
    if [ -n "${defined[$name]:-}" ] && [ "${defined[$name]%:*}" != "$file" ]; then
      violation "$place: $name is also defined at ${defined[$name]} (rename one, or put it into an anonymous namespace)"
    fi
    defined[$name]=$place
  done < <(awk -f "$here/types.awk" "${files[@]}" /dev/null)
}

# GTest is for tests only; the others are no libraries.
check_notice() {
  local -a libraries
  mapfile -t libraries < <(sed -nE 's/^ *(find_package|pkg_check_modules|find_path|find_file)\((.*)\).*/\1 \2/p' cmake/dependencies.cmake |
    awk '$1 == "find_package" || $1 == "pkg_check_modules" { print $2; next } { print $3 }' |
    sed -E 's/[/.].*//; s/Sans$//' | grep -v -x -e Threads -e PkgConfig -e GTest | LC_ALL=C sort -u
    [ ! -f cmake/picture_formats.cmake ] || sed -nE 's/^set\(picture_module_[A-Z0-9]+ "?(lib[a-z]+).*/\1/p' cmake/picture_formats.cmake)
  if [ ${#libraries[@]} -eq 0 ]; then violation "no libraries in cmake/dependencies.cmake"; fi
  local library
  for library in "${libraries[@]}"; do
    if ! grep -qiE "${library//[_-]/.}" NOTICE; then violation "NOTICE does not name $library"; fi
  done
}

rule=${1:?usage: check.sh RULE (the first lines of this file list the rules)}
cd "$root"
case $rule in
  includes | headers | readme | sizes | knobs | types | notice) "check_$rule" ;;
  isa_objects) check_isa_objects "${2:?usage: check.sh isa_objects BUILD_DIR}" ;;
  *)
    echo "unknown rule: $rule" >&2
    exit 2
    ;;
esac
if [ "$violations" -gt 0 ]; then
  echo "structure rule '$rule': broken"
  exit 1
fi
echo "structure rule '$rule': kept"

#!/usr/bin/env bash
# Makes the archives that Debian's packages lack, or that are not fit for a shared object, for
# -DSAKER_STATIC_DEPENDENCIES=ON (cmake/static_dependencies.cmake):
#
#   scripts/build_static_libraries.sh [OUT]        default build/static: OUT/lib/lib*.a, OUT/THIRD_PARTY_LICENSES.txt
#
# {fmt}, RE2 and libspng are compiled from the source packages of what is installed; libjpeg's archive is taken as it is
# but for one reference that a shared object cannot have. What is there already is left alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/install_packages.sh --also dpkg-dev

out=$(mkdir -p "${1:-build/static}/lib" && cd "${1:-build/static}" && pwd)
work=$out/work
packages=(libfmt-dev libre2-dev libspng-dev libjpeg62-turbo-dev)
licences_of=("${packages[@]}" libwebp-dev libyaml-cpp-dev libpugixml-dev zlib1g-dev libcli11-dev nlohmann-json3-dev rapidjson-dev
  libstb-dev libboost-dev libssl-dev fonts-dejavu-core "$(dpkg-query -S "$(gcc -print-file-name=libstdc++.a)" | sed 's/:.*//')")
versions=$(dpkg-query -W -f '${Package} ${Version}\n' "${packages[@]}" && cksum <scripts/build_static_libraries.sh)
if [ -f "$out/versions" ] && [ "$versions" = "$(cat "$out/versions")" ]; then exit 0; fi
rm -rf "$work" "$out/versions"
mkdir -p "$work/sources.d" "$work/lists"

# apt's own sources, asked for source packages, with lists of their own, so that nothing of the system's changes.
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
  case $file in
    *.sources) sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/sources.d/${file##*/}" ;;
    *.list) if [ -f "$file" ]; then sed -n 's/^deb /deb-src /p' "$file" >"$work/sources.d/${file##*/}"; fi ;;
  esac
done
apt=(apt-get -qq -o Dir::Etc::SourceList=/dev/null -o "Dir::Etc::SourceParts=$work/sources.d" -o "Dir::State::Lists=$work/lists"
  -o APT::Sandbox::User=root)
"${apt[@]}" update >"$work/apt.log" 2>&1 || true  # some lists may fail; what matters is whether the packages are found

# source PACKAGE: unpacks the source of the installed -dev package to $work/PACKAGE
source_of() {
  local name version
  read -r name version < <(dpkg-query -W -f '${source:Package} ${source:Version}\n' "$1")
  mkdir "$work/$1"
  if ! (cd "$work/$1" && "${apt[@]}" source "$name=$version" >>"$work/apt.log" 2>&1); then
    tail -n 5 "$work/apt.log" >&2
    echo "$0: apt has no source package $name=$version; it belongs to the installed $1" >&2
    exit 1
  fi
  mv "$work/$1/$name"-*/ "$work/$1/source"
}

# archive NAME FLAG... FILE...: compiles the files into lib/libNAME.a
archive() {
  local name=$1 file object
  local -a flags=() objects=()
  shift
  for file in "$@"; do
    if [ -f "$file" ]; then
      object=$work/$name.${#objects[@]}.o
      case $file in
        *.c) gcc -O2 -fPIC -ffunction-sections -fdata-sections "${flags[@]}" -c -o "$object" "$file" ;;
        *) g++ -std=c++17 -O2 -fPIC -ffunction-sections -fdata-sections "${flags[@]}" -c -o "$object" "$file" ;;
      esac
      objects+=("$object")
    else
      flags+=("$file")
    fi
  done
  rm -f "$out/lib/lib$name.a"
  ar rcs "$out/lib/lib$name.a" "${objects[@]}"
}

source_of libfmt-dev
archive fmt "-I$work/libfmt-dev/source/include" "$work"/libfmt-dev/source/src/{format,os}.cc
source_of libspng-dev
archive spng -DSPNG_STATIC "$work/libspng-dev/source/spng/spng.c"
source_of libre2-dev
mapfile -t files < <(find "$work"/libre2-dev/source/{re2,util} -name '*.cc' ! -path '*/testing/*' ! -path '*/fuzzing/*' \
  ! -name '*test*.cc' ! -name '*benchmark*.cc' ! -name 'pcre.cc' ! -name 'fuzz.cc' | LC_ALL=C sort)
archive re2 -DNDEBUG -pthread "-I$work/libre2-dev/source" "${files[@]}"
# Tables that Debian generates while it builds; objects without code are the same in every archive.
(cd "$work" && ar x "$(gcc -print-file-name=libre2.a)" perl_groups.o unicode_casefold.o unicode_groups.o)
ar rcs "$out/lib/libre2.a" "$work"/{perl_groups,unicode_casefold,unicode_groups}.o

# libjpeg refers to stderr, where its message of last resort goes, in a form that only programs may use.
cat >"$work/jpeg_stderr.c" <<'SOURCE'
#include <stdio.h>
FILE *saker_jpeg_stderr __attribute__((visibility("hidden")));
__attribute__((constructor)) static void set_stderr(void) { saker_jpeg_stderr = stderr; }
SOURCE
archive jpeg "$work/jpeg_stderr.c"
objcopy --redefine-sym stderr=saker_jpeg_stderr "$(gcc -print-file-name=libjpeg.a)" "$work/libjpeg.a"
mkdir "$work/jpeg"
(cd "$work/jpeg" && ar x ../libjpeg.a)
ar rcs "$out/lib/libjpeg.a" "$work"/jpeg/*.o

{
  echo "The binaries of saker contain code of these libraries. What follows is Debian's record of their copyrights and licences."
  for package in "${licences_of[@]}"; do
    printf '\n======== %s\n\n' "$package"
    cat "/usr/share/doc/$package/copyright"
  done
} >"$out/THIRD_PARTY_LICENSES.txt"
rm -r "$work"
echo "$versions" >"$out/versions"

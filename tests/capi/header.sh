#!/usr/bin/env bash
# saker.h compiles as every C since 1989 and every C++ since 1998, without a warning.
#   CC=gcc CXX=g++ header.sh INCLUDE_FOLDER
set -euo pipefail
include=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/use.c" <<'CODE'
#include <saker.h>
#include <saker.h>
int use(const char *model, const char *picture) {
  saker_options options;
  saker_detector *detector = NULL;
  saker_result *result = NULL;
  saker_options_init(&options, sizeof options);
  if (saker_detector_load(model, &options, &detector) != SAKER_OK) return 1;
  return saker_detect_file(detector, picture, NULL, &result) != SAKER_OK || saker_result_count(result) == 0;
}
CODE
flags=(-pedantic -Wall -Wextra -Wconversion -Wundef -Werror -I "$include" -c -o "$work/use.o")
for standard in c89 c99 c11 c17; do
  "${CC:-gcc}" -std=$standard -Wstrict-prototypes "${flags[@]}" "$work/use.c"
done
for standard in c++98 c++11 c++20; do
  "${CXX:-g++}" -std=$standard "${flags[@]}" -x c++ "$work/use.c"
done
# The names in the object are C's.
nm "$work/use.o" | grep -q ' U saker_detector_load$'

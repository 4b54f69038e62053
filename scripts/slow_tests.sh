#!/usr/bin/env bash
# The suites that take minutes: the tests under sanitizers, each fuzzer for a while, the stories, gRPC, the wheels,
# the packages, and the comparisons with another tracker and with other engines. The last line counts them all.
#
#   scripts/slow_tests.sh      FUZZ_SECONDS: per fuzzer, default 60
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/tally.sh
source scripts/tally.sh

suite() { printf '\n== %s\n' "$1"; }

suite "address and undefined-behaviour sanitizers"
if scripts/build.sh asan-ubsan; then tally_ctest build/asan-ubsan; else failed=$((failed + 1)); fi

suite "the Python package under the address sanitizer"
tally_pytest build/asan-ubsan/pytest.xml scripts/python_tests.sh --asan

# The thread sanitizer cannot map its shadow memory under some settings of address randomisation.
fixed_addresses=()
if setarch "$(uname -m)" -R true 2>/dev/null; then fixed_addresses=(setarch "$(uname -m)" -R); fi
suite "thread sanitizer"
if "${fixed_addresses[@]}" scripts/build.sh tsan; then
  tally_ctest build/tsan "${fixed_addresses[@]}"
else
  failed=$((failed + 1))
fi

# Seeds of fuzz_<name>: tests/fuzz/corpus/<name>. What a run discovers is kept in the build folder for the next.
run_fuzzer() {
  local fuzzer=$1 name
  name=$(basename "$fuzzer")
  name=${name#fuzz_}
  local -a corpus=("build/fuzz/corpus/$name")
  mkdir -p "${corpus[0]}" build/fuzz/crashes
  if [ -d "tests/fuzz/corpus/$name" ]; then corpus+=("tests/fuzz/corpus/$name"); fi
  echo "$name for ${FUZZ_SECONDS:-60} s"
  if ! "$fuzzer" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=30 -artifact_prefix="build/fuzz/crashes/$name-" \
    "${corpus[@]}" >"build/fuzz/$name.log" 2>&1; then
    tail -n 40 "build/fuzz/$name.log" >&2
    return 1
  fi
}

suite "fuzzers"
if ! command -v clang++ >/dev/null; then
  echo "skipped: needs clang++"
  skipped=$((skipped + 1))
elif scripts/build.sh fuzz; then
  found=0
  while read -r fuzzer; do
    found=1
    tally_command "$fuzzer" run_fuzzer "$fuzzer" </dev/null
  done < <(find build/fuzz -maxdepth 2 -type f -executable -name 'fuzz_*' | LC_ALL=C sort)
  if [ "$found" -eq 0 ]; then
    echo "no fuzzer in build/fuzz" >&2
    failed=$((failed + 1))
  fi
else
  failed=$((failed + 1))
fi

suite "stories, each in its quick form"
if [ -x build/release/saker-train ] && scripts/build.sh release saker_cli saker_trainer cli_fixture; then
  tally_command tests/system/stories.sh env STORIES="fashion plates surveillance deepsparse" SAKER_SOURCE="$PWD" \
    SAKER="$PWD/build/release/saker" TRAINER="$PWD/build/release/saker-train" \
    FIXTURE="$PWD/build/release/tests/cli_fixture" bash tests/system/stories.sh
else
  echo "skipped: needs saker-train (scripts/install_training.sh)"
  skipped=$((skipped + 1))
fi

suite "gRPC, which other builds leave out"
if ! pkg-config --exists grpc++ protobuf || ! command -v grpc_cpp_plugin >/dev/null; then
  echo "skipped: needs libgrpc++-dev and protobuf-compiler-grpc (scripts/install_packages.sh --also)"
  skipped=$((skipped + 1))
elif scripts/build.sh grpc grpc_test replay_grpc_message saker_server; then
  tally_command grpc_test build/grpc/tests/grpc_test
  tally_command replay_grpc_message build/grpc/tests/replay_grpc_message tests/fuzz/corpus/grpc_message
  tally_command serve_clients.py "${PYTHON:-python3}" tests/equivalence/serve_clients.py build/grpc/saker-serve --grpc
else
  failed=$((failed + 1))
fi

suite "wheels in each Python that is here, and in a bare Debian 12"
if scripts/build_wheels.sh; then
  tally_command scripts/test_wheels.sh scripts/test_wheels.sh
else
  failed=$((failed + 1))
fi

suite "packages, in a bare Debian"
tally_command tests/packages/run.sh tests/packages/run.sh

suite "tracking beside Ultralytics' BYTETracker"
tally_command tests/tracking/run.sh tests/tracking/run.sh

suite "equivalence with other engines"
if [ -x tests/equivalence/run.sh ]; then
  tally_command tests/equivalence/run.sh tests/equivalence/run.sh
else
  echo "skipped: no tests/equivalence/run.sh"
  skipped=$((skipped + 1))
fi

echo
tally_report

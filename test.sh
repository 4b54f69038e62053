#!/usr/bin/env bash
# Fresh machine -> packages, build, all tests. The last line reads "N passed, M failed[, K skipped]".
#
#   ./test.sh            minutes the first time; later runs rebuild only what changed
#   ./test.sh --slow     also sanitizers, fuzzers and the comparison with other engines
#
# SAKER_ASSETS          folder with real models and pictures, default ../shared/assets; tests that
#                       need it skip without it
# SAKER_ONNX_TESTDATA   ONNX's conformance data, default build/testdata (fetched there)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

slow=0
case "${1:-}" in
  '') ;;
  --slow) slow=1 ;;
  *)
    echo "usage: $0 [--slow]" >&2
    exit 2
    ;;
esac

# The tests run elsewhere, so the paths must not depend on the folder.
assets=${SAKER_ASSETS:-../shared/assets}
if [ -d "$assets" ]; then
  SAKER_ASSETS=$(cd "$assets" && pwd)
  export SAKER_ASSETS
else
  unset SAKER_ASSETS
  echo "No folder $assets: tests on real models will be skipped (SAKER_ASSETS says where they are)."
fi
SAKER_ONNX_TESTDATA=$(realpath -m "${SAKER_ONNX_TESTDATA:-build/testdata}")
export SAKER_ONNX_TESTDATA

scripts/install_packages.sh --tests
scripts/fetch_onnx_testdata.sh || true  # says itself what it could not do
scripts/build.sh release

# shellcheck source=scripts/tally.sh
source scripts/tally.sh
tally_ctest build/release
tally_pytest build/release/pytest.xml scripts/python_tests.sh
if [ "$slow" -eq 1 ]; then
  SAKER_TALLY="$passed $failed $skipped" exec scripts/slow_tests.sh
fi
tally_report

# Counts test results over several suites; sourced by test.sh and scripts/slow_tests.sh.
# SAKER_TALLY="passed failed skipped" hands the counts from one script to the next.
# shellcheck shell=bash

read -r passed failed skipped <<<"${SAKER_TALLY:-0 0 0}"

# tally_ctest BUILD_DIR [WRAPPER...]: runs its tests and adds them to the counts.
tally_ctest() {
  local build=$1
  shift
  local report=$build/ctest.xml status=0 cases ran did_not
  rm -f "$report"
  "$@" ctest --test-dir "$build" --parallel "$(nproc)" --timeout 900 --no-tests=error --no-label-summary \
    --output-on-failure \
    --output-junit "$PWD/$report" || status=$?
  touch "$report"

  cases=$(grep -c '^[[:space:]]*<testcase ' "$report" || true)
  ran=$(grep -c '^[[:space:]]*<testcase .* status="run">' "$report" || true)
  # What the test itself skipped, and what is switched off; a program that is missing has failed.
  did_not=$(grep -cE '^[[:space:]]*(<skipped message="SKIP_|<testcase .* status="disabled">)' "$report" || true)
  passed=$((passed + ran))
  skipped=$((skipped + did_not))
  failed=$((failed + cases - ran - did_not))
  # No report, or an error that is not a test's.
  if [ "$status" -ne 0 ] && [ $((cases - ran - did_not)) -le 0 ]; then failed=$((failed + 1)); fi
}

# tally_command NAME COMMAND...: one test; exit status 77 means skipped.
tally_command() {
  local name=$1 status=0
  shift
  "$@" || status=$?
  case $status in
    0) passed=$((passed + 1)) ;;
    77) skipped=$((skipped + 1)) ;;
    *)
      failed=$((failed + 1))
      echo "$name failed with exit status $status" >&2
      ;;
  esac
}

# tally_pytest REPORT COMMAND...: a suite of pytest, which writes its results to REPORT; exit status 77: not run.
tally_pytest() {
  local report=$1 status=0 total=0 bad=0 did_not=0
  shift
  rm -f "$report"
  "$@" --junitxml="$PWD/$report" || status=$?
  if [ "$status" -eq 77 ]; then
    skipped=$((skipped + 1))
    return
  fi
  if [ -f "$report" ]; then
    total=$(sed -nE '1,2s/.*<testsuite [^>]*tests="([0-9]+)".*/\1/p' "$report")
    bad=$(sed -nE '1,2s/.*<testsuite [^>]*errors="([0-9]+)" failures="([0-9]+)".*/\1+\2/p' "$report")
    did_not=$(sed -nE '1,2s/.*<testsuite [^>]*skipped="([0-9]+)".*/\1/p' "$report")
  fi
  bad=$((${bad:-0}))
  passed=$((passed + total - bad - did_not))
  failed=$((failed + bad))
  skipped=$((skipped + did_not))
  # No report, or an error that is not a test's.
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then failed=$((failed + 1)); fi
}

# The last line; fails if a test did.
tally_report() {
  local line="$passed passed, $failed failed"
  if [ "$skipped" -gt 0 ]; then line+=", $skipped skipped"; fi
  echo "$line"
  [ "$failed" -eq 0 ]
}

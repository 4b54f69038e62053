# What the system tests share; sourced. Runs the command and compares what it said.
# shellcheck shell=bash
: "${SAKER:?the command to test}" "${FIXTURE:?the cli_fixture program}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

# saker ARGUMENTS...: runs it; leaves its exit code in $code and what it wrote in the files out and err.
saker() {
  code=0
  "$SAKER" "$@" >out 2>err || code=$?
  last="saker $*"
}

complain() {
  failures=$((failures + 1))
  echo "FAILED: $1" >&2
  echo "  after: $last (exit code $code)" >&2
  sed 's/^/  out: /' out | head -n 20 >&2
  sed 's/^/  err: /' err | head -n 20 >&2
}

# exits CODE
exits() { [ "$code" -eq "$1" ] || complain "exit code $1 expected"; }
# says FILE TEXT: the file (out, err, ...) has the text.
says() { grep -qF -- "$2" "$1" || complain "$1 should have: $2"; }
silent() { [ ! -s "$1" ] || complain "$1 should be empty"; }
exists() { [ -e "$1" ] || complain "$1 should exist"; }
missing() { [ ! -e "$1" ] || complain "$1 should not exist"; }
# same WHAT EXPECTED GOT
same() { [ "$2" = "$3" ] || complain "$1: expected '$2', got '$3'"; }
# json FILE POINTER EXPECTED
json() { same "$1 $2" "$3" "$("$FIXTURE" get "$1" "$2" 2>&1)"; }

# value FILE POINTER
value() { "$FIXTURE" get "$1" "$2"; }
# positive FILE POINTER...   the numbers there are above 0
positive() {
  local file=$1 pointer
  shift
  for pointer in "$@"; do
    awk -v v="$(value "$file" "$pointer")" 'BEGIN { exit !(v > 0) }' || complain "$pointer of $file should be above 0"
  done
}

# Stops the script; the last command of each.
finish() {
  if [ "$failures" -gt 0 ]; then
    echo "$failures failed" >&2
    exit 1
  fi
}

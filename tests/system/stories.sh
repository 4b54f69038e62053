#!/usr/bin/env bash
# bench/stories, each in its quick form on pictures it draws: what is printed and kept, going on after a failure, and what
# is said when a step fails. STORIES: which ones [fashion]; TRAINER: saker-train, or nothing.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
stories=$SAKER_SOURCE/bench/stories
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))'; then
  echo "skipped: needs Python 3.9"
  exit 77
fi

for name in fashion plates surveillance deepsparse supercharge; do
  last="$name --help"
  code=0
  "$stories/$name" --help >out 2>err || code=$?
  exits 0
  says out "--quick"
  says out "on two cores"
done
if [ ! -x "${TRAINER:-}" ]; then
  echo "skipped: there is no saker-train in this build (scripts/install_training.sh)"
  exit 77
fi
export SAKER

# Without other engines: they are slow to start, and left out by name.
mkdir none
export SAKER_BACKENDS=$PWD/none TORCH_PYTHON=none DEEPSPARSE_PYTHON=none

# story NAME ARGUMENTS...: as saker of the harness, but for a story.
story() {
  last="$*"
  code=0
  "$stories/$1" --quick --out kept --work "work-$1" "${@:2}" >out 2>err || code=$?
}

for name in ${STORIES:-fashion}; do
  story "$name"
  exits 0
  says out "$ saker data synth"
  says out "$ saker train"
  for file in "$name.md" "$name.json" "$name-training.svg"; do exists "kept/$file"; done
  says "kept/$name.md" "| saker 0"
  says "kept/$name.md" "| epoch |"
  says "kept/$name.md" "Left out: "
  says "kept/$name.md" "saker train"
  says "kept/$name.md" "quick: no figure here means anything"
  says out "$(grep '^|' "kept/$name.md" | tail -n 1)"
  "$FIXTURE" get "kept/$name.json" "/reports/compare/results/0/p50_ms" >/dev/null || complain "the raw report should be there"
done

# What was done before is not done again; a step that fails ends the story.
story "$name" --resume
exits 0
says out "(done before)"
story fashion --data nowhere.yaml
exits 1
says err "fashion: a step failed (exit code 1)"
says err "saker train --data"
missing work-fashion/exports
SAKER=$PWD/nothing story fashion
exits 1
says err "nothing is not there"
finish

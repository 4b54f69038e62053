#!/usr/bin/env bash
# saker tune: flags, what it prints, and that it measures once.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
"$FIXTURE" model tiny.onnx
export SAKER_CACHE=$work/cache

# ---- help and wrong usage ----
saker tune --help
exits 0
silent err
says out "Usage: saker tune MODEL"
says out "Examples:"
saker tune
exits 2
says err "MODEL is missing"
saker tune tiny.onnx --latency-budget soon
exits 2
says err "--latency-budget"
saker tune tiny.onnx --latency 50
exits 2
says err "did you mean --latency-budget?"
saker tune tiny.onnx --json tiny.onnx
exits 2
says err "--json would overwrite"
saker tune nowhere.onnx
exits 1
says err "nowhere.onnx"
head -c 100 tiny.onnx >half.onnx
saker tune half.onnx
exits 1
says err "half.onnx"
missing cache/tuning

# ---- measured once ----
saker tune tiny.onnx --seconds 1 --latency-budget 100000 --json tuning.json
exits 0
says out "pictures/s"
says out "<- "
says out "100000 ms"
says out "saker serve --model tiny.onnx --streams"
json tuning.json /from_cache false
json tuning.json /budget/within true
saker tune tiny.onnx --json
exits 0
says out '"from_cache": true'
saker tune tiny.onnx --latency-budget 0.001
exits 0
says out "nothing keeps requests within 0.001 ms; this comes closest"
says out "measured before"

# ---- a cache that is broken, and one that cannot be ----
for file in cache/tuning/*.json; do echo '{"format": 1' >"$file"; done
saker tune tiny.onnx --seconds 1 --json again.json
exits 0
json again.json /from_cache false
saker tune tiny.onnx --json again.json
json again.json /from_cache true
touch blocked
SAKER_CACHE=$work/blocked saker tune tiny.onnx --seconds 1 --json blocked.json
exits 0
json blocked.json /from_cache false

finish

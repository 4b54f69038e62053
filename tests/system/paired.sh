#!/usr/bin/env bash
# bench/paired and `saker bench --engine-command`, against an engine that is made up: 1000 ms a run.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
command -v python3 >/dev/null || exit 77
: "${SAKER_SOURCE:?the source tree}"
"$FIXTURE" model tiny.onnx

cat >slow <<'END'
#!/bin/sh
while read -r line; do
  case $line in
    *'"load"'*)
      threads=$(expr "$line" : '.*"threads":\([0-9]*\)')
      echo '{"backend":"deepsparse","note":"","isa":"","assumed":[],"threads":'"$threads"',"streams":1,"batch":1,"shape":[1,3,64,64],"load_ms":5,"first_ms":9,"rss_before_mb":1,"rss_loaded_mb":2,"rss_warm_mb":3,"file_mb":1,"weights_mb":0,"activations_mb":0}'
      ;;
    *'"round"'*) echo '{"ms":[1000,900,1100],"wall_ms":3000,"preprocess":0,"infer":0,"boxes":0}' ;;
    *'"memory"'*) echo '{"rss_peak_mb":4}' ;;
    *'"backends"'*) echo '{"deepsparse":"9.9"}' ;;
  esac
done
END
chmod +x slow

saker bench tiny.onnx --backend saker,deepsparse --engine-command "deepsparse=$work/slow" --runs 6 --rounds 3 --json bench.json
exits 0
json bench.json /results/1/backend deepsparse
json bench.json /results/1/version 9.9
json bench.json /results/1/p50_ms 1000
json bench.json /ratios/0/verdict slower
saker bench tiny.onnx --backend deepsparse --engine-command "deepsparse=$work/missing" --runs 3
exits 1
says err "missing"
saker compare tiny.onnx tiny.onnx --backend saker,deepsparse --pairwise --engine-command "deepsparse=$work/slow" --runs 3 --rounds 3 --json compare.json
exits 0
json compare.json /results/1/version 9.9
json compare.json /results/1/p50_ms 1000
saker compare tiny.onnx --backend saker,deepsparse --engine-command "deepsparse=$work/slow" --data .
exits 2
says err "--engine-command measures speed"
for wrong in deepsparse =program "deepsparse= "; do
  saker bench tiny.onnx --engine-command "$wrong"
  exits 2
  says err "NAME=COMMAND"
done

# paired ARGUMENTS...: as saker, for the harness.
paired() {
  code=0
  "$SAKER_SOURCE/bench/paired" "$@" >out 2>err || code=$?
  last="paired $*"
}
export SAKER
paired tiny.onnx --engines deepsparse
exits 1
says err "not found: deepsparse"
export DEEPSPARSE_PYTHON=$work/slow
paired tiny.onnx --engines deepsparse --threads 1,2 --rounds 7 --runs 14 --json paired.json --floor 1
exits 0
says out "best"
json paired.json '#/lines' 2
json paired.json /lines/0/model tiny.onnx
json paired.json /lines/0/threads 1
json paired.json /lines/1/threads 2
json paired.json '#/lines/0/peers' 1
json paired.json /lines/0/peers/0/name deepsparse
json paired.json /lines/0/peers/0/ms 1000
json paired.json '#/lines/0/peers/0/ratios' 7
# 1000 ms against saker's; the interval holds the ratio.
python3 - <<'END' || complain "the ratio of paired.json"
import json
for line in json.load(open('paired.json'))['lines']:
    peer = line['peers'][0]
    assert peer['low'] <= peer['ratio'] <= peer['high'] and min(peer['ratios']) > 1, peer
END
paired tiny.onnx --engines deepsparse --rounds 2 --runs 2 --floor 1e9
exits 1
paired missing.onnx --engines deepsparse --rounds 2 --runs 2
exits 1

# Against another saker binary; here, itself.
paired tiny.onnx --against "$SAKER" --threads 1,2 --rounds 6 --runs 3 --json against.json
exits 0
says out "times as fast"
json against.json '#/lines' 2
json against.json /lines/1/model tiny.onnx
json against.json /lines/1/threads 2
json against.json '#/lines/0/round_ms/old' 6
json against.json '#/lines/0/round_ms/new/5' 3
python3 - <<'END' || complain "the ratio of against.json"
import json
for line in json.load(open('against.json'))['lines']:
    assert 0 < line['low'] <= line['ratio'] <= line['high'] and len(line['ratios']) == 6, line
END
paired tiny.onnx --against "$SAKER" --threads 1 --rounds 1 --runs 1 --floor 1e9
exits 1
paired missing.onnx --against "$SAKER" --rounds 1 --runs 1
exits 1
says err "missing.onnx"
paired tiny.onnx --against "$work/nothing" --rounds 1 --runs 1
exits 1
says err "nothing"
finish

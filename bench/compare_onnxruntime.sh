#!/bin/bash
# saker against ONNX Runtime on the same models, interleaved, one process a figure.
#   bench/compare_onnxruntime.sh OUT_DIR THREADS ROUNDS MODEL.onnx...
# Needs Python with onnxruntime and numpy (PYTHON names the interpreter). Writes OUT_DIR/raw.jsonl (one line a
# process) and OUT_DIR/machine.txt, prints the table of medians.
set -euo pipefail
out=$1 threads=$2 rounds=$3
shift 3
here=$(cd "$(dirname "$0")" && pwd)
saker=${SAKER:-$here/../build/release/saker}
python=${PYTHON:-python3}
mkdir -p "$out"
{
  date -u +%Y-%m-%d
  grep -m1 'model name' /proc/cpuinfo
  echo "cpus: $(nproc), threads used: $threads"
  echo "commit: $(git -C "$here" rev-parse --short HEAD)"
  "$python" -c 'import onnxruntime; print("onnxruntime", onnxruntime.__version__)'
  grep -m1 flags /proc/cpuinfo
} > "$out/machine.txt"
: > "$out/raw.jsonl"
for ((round = 0; round < rounds; ++round)); do
  for model in "$@"; do
    "$saker" bench "$model" --threads "$threads" --runs 30 --warmup 4 --json 2>/dev/null |
      "$python" -c 'import json,sys,os; r=json.load(sys.stdin)["results"][0]; r["engine"]="saker"; r["model"]=os.path.basename(r["model"]); print(json.dumps(r))' >> "$out/raw.jsonl"
    "$python" "$here/onnxruntime_latency.py" "$model" "$threads" 30 >> "$out/raw.jsonl"
  done
done
"$python" - "$out/raw.jsonl" <<'PY'
import json, statistics, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
models = list(dict.fromkeys(r['model'] for r in rows))
print('| model | saker ms | ONNX Runtime ms | ratio (each round) |')
print('| --- | --- | --- | --- |')
for m in models:
    ours = [r['p50_ms'] for r in rows if r['model'] == m and r['engine'] == 'saker']
    theirs = [r['p50_ms'] for r in rows if r['model'] == m and r['engine'] == 'onnxruntime']
    ratios = sorted(b / a for a, b in zip(ours, theirs))
    print(f'| {m} | {statistics.median(ours):.1f} | {statistics.median(theirs):.1f} | {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) |')
PY

#!/usr/bin/env bash
# kernel_lab on layers that take no time: what it measures and writes, and what it refuses. No times are judged.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
: "${KERNEL_LAB:?the program to test}"
SAKER=$KERNEL_LAB
"$FIXTURE" model tiny.onnx

mkdir shapes
cat >shapes/one.txt <<'END'
# A remark.
2  8x6x6 to 8, 3x3 stride 1 pad 1 silu
1  8x6x6 to 8, 1x1 stride 1 pad 0
END
printf '3  8x6x6 to 8, 1x1 stride 1 pad 0\n' >shapes/two.txt
saker --shapes shapes --ms 0 --json lab.json
exits 0
says out "8x6x6 to 8, 3x3 stride 1 pad 1 silu"
says out "pick"
json lab.json '#/layers' 2
json lab.json /threads 1
positive lab.json /peak_gflops/float32
json lab.json /layers/0/layer "8x6x6 to 8, 3x3 stride 1 pad 1 silu"
json lab.json /layers/0/flops "$((2 * 6 * 6 * 9 * 8 * 8))"
json lab.json /layers/0/models '[["one",2]]'
json lab.json '@/layers/0/methods' "winograd direct"
json lab.json /layers/1/models '[["one",1],["two",3]]'
json lab.json '@/layers/1/methods' "direct"
json lab.json /layers/1/pick direct
json lab.json /layers/1/best direct
json lab.json /layers/1/behind 0
saker --shapes shapes --ms 0 --low-memory --threads 2 --isa baseline --filter 3x3 --json
exits 0
json out '#/layers' 1
json out '@/layers/0/methods' "direct"
json out /isa baseline
json out /threads 2
printf '1  64x6x6 to 64, 3x3 stride 1 pad 1\n' >bf16.txt
if grep -qw avx512_bf16 /proc/cpuinfo; then
  saker --shapes bf16.txt --ms 0 --bf16 --json
  exits 0
  json out '@/layers/0/methods' "bf16 winograd direct"
  positive out /peak_gflops/bf16
else
  saker --shapes bf16.txt --ms 0 --bf16
  exits 1
  says err "AVX512_BF16"
fi
# One method cannot be behind another.
saker --shapes shapes/two.txt --ms 0 --assert
exits 0

printf '1  8x6x6 to 8, 1x1 stride 1 pad 0\n\n8x6x6 to 8, 1x1 stride 1 pad 0\n' >bad.txt
saker --shapes bad.txt
exits 1
says err "bad.txt:3"
printf '1  8x6x6 to 8, 1x1 stride 1\n' >bad.txt
saker --shapes bad.txt
exits 1
says err "bad.txt:1"
: >empty.txt
saker --shapes empty.txt
exits 1
says err "no layers"
saker --shapes missing.txt
exits 1
says err "missing.txt"
saker --shapes shapes --filter nothing
exits 1
says err "nothing"
saker --threads 0
exits 2
saker --nonsense
exits 2

saker --write-shapes tiny.onnx --out .
exits 0
says tiny.txt "tiny.onnx"
saker --shapes tiny.txt --ms 0
exits 0
finish

#!/usr/bin/env bash
# bench/video, each in its quick form on a clip that ffmpeg draws: what is printed and kept, what fails, and that frames
# that are missing, late or in another order are noticed.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
: "${SAKER_SOURCE:?the source tree}" "${VIDEO_PLUGIN:?ON or OFF}"
bench=$SAKER_SOURCE/bench/video
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))'; then
  echo "skipped: needs Python 3.9"
  exit 77
fi
export SAKER SAKER_ASSETS=$work/nowhere

# measure NAME ARGUMENTS...: as saker of the harness, but one of bench/video.
measure() {
  last="$*"
  code=0
  "$bench/$1" "${@:2}" >out 2>err || code=$?
}

for name in against_peers stages live reconnect; do
  measure "$name" --help
  exits 0
  says out "--quick"
done
if ! command -v ffmpeg >/dev/null || ! command -v ffprobe >/dev/null; then
  echo "skipped: needs ffmpeg and ffprobe"
  exit 77
fi
measure stages --clip nothing.mp4
exits 1
says err "stages: nothing.mp4 is not there; name another with --clip"

# Frames that were moved are noticed, and those that were not are not.
draw() { ffmpeg -nostdin -v error -y "$@"; }
draw -f lavfi -i testsrc2=size=320x180:rate=25 -frames:v 30 -c:v mpeg4 -q:v 3 clip.mp4
draw -i clip.mp4 -vf drawbox=20:20:80:60:red -c:v mpeg4 -q:v 5 boxes.mp4
draw -i clip.mp4 -vf 'select=not(eq(n\,9))' -fps_mode passthrough -c:v mpeg4 -q:v 3 missing.mp4
draw -i clip.mp4 -vf 'setpts=if(eq(N\,9)\,PTS+0.01/TB\,PTS)' -enc_time_base 1/1000 -fps_mode passthrough -c:v mpeg4 -q:v 3 late.mkv
draw -i clip.mp4 -vf 'shuffleframes=0 2 1 3 4' -c:v mpeg4 -q:v 3 order.mp4
last="compare_frames"
SAKER_BENCH=$bench python3 - >out 2>err <<'END' || complain "frames are compared"
import os
import sys
sys.path.insert(0, os.environ['SAKER_BENCH'])
from frames import compare_frames
for clip, expected in (('clip.mp4', ''), ('boxes.mp4', ''), ('missing.mp4', '29 frames of 30'),
                       ('late.mkv', '1 time stamps differ, the first that of frame 9'),
                       ('order.mp4', '12 frames show another, the first is frame 1')):
    found = '; '.join(compare_frames('clip.mp4', clip)['differences'])
    assert expected in found and bool(expected) == bool(found), (clip, expected, found)
END

"$FIXTURE" model tiny.onnx
if [ "$VIDEO_PLUGIN" = OFF ]; then
  echo "skipped: this build has no plug-in for videos (scripts/install_video.sh)"
  exit 77
fi

measure stages --quick --clip clip.mp4 --model tiny.onnx --out kept --work made
exits 0
says out "| decode |"
says out "input's: 30 frames; held"
for file in stages.md stages.json; do exists "kept/$file"; done
says kept/stages.md "quick: no figure here means anything"
json kept/stages.json /rounds/0/together/report/frames 30

# Against an engine that is made up: as fast as it says.
cat >peer <<'END'
#!/bin/sh
echo "a library's greeting"
echo '{"engine":"deepsparse","version":"9.9","opencv":"5","frames":30,"boxes":7,"encoder":"","model_fps":'"$PEER_FPS"',"end_to_end_fps":'"$PEER_FPS"',"stages":{}}'
END
chmod +x peer
export DEEPSPARSE_PYTHON=$work/peer PEERS_PYTHON=
PEER_FPS=0.5 measure against_peers --clip clip.mp4 --model tiny.onnx --shape 64 64 --rounds 2 --repeat 1 --out kept --work made
exits 0
says out "Left out: openvino: PEERS_PYTHON"
says out "| deepsparse 9.9, OpenCV 5 |"
says out "Model: 1.25 times DeepSparse: "
json kept/against_peers.json '#/rounds' 2
json kept/against_peers.json /rounds/0/saker/frames 30
PEER_FPS=1e9 measure against_peers --clip clip.mp4 --model tiny.onnx --shape 64 64 --rounds 1 --repeat 1 --out kept --work made
exits 1
says err "missed: Model: 1.25 times DeepSparse; End to end: 2.0 times DeepSparse"
DEEPSPARSE_PYTHON=false measure against_peers --clip clip.mp4 --model tiny.onnx --shape 64 64 --rounds 1 --repeat 1 --out kept --work made
exits 1
says err "exit code 1: false"

measure live --quick --over tcp --clip clip.mp4 --size 160x90 --model tiny.onnx --imgsz 64 --out kept --work made
exits 0
says out "160x90, 60 FPS, over tcp"
says out "Four cameras together"
json kept/live.json '#/rounds/0/4/report/sources' 4

measure reconnect --quick --clip clip.mp4 --model tiny.onnx --imgsz 64 --out kept --work made
if grep -q "no RTSP server" err; then
  exits 1
else
  exits 0
  says out "3 of 3 times"
  json kept/reconnect.json '#/times' 3
fi
finish

#!/usr/bin/env bash
# saker annotate on drawn videos: every frame, its time, what is drawn, and what goes wrong. Skips without ffmpeg or
# the plug-in for videos. VIDEO_PLUGIN: ON where the build has it.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
model=${SAKER_SOURCE:?the checkout}/models/signs.int8.onnx
street=$SAKER_SOURCE/models/signs.jpg

# ---- pictures: no plug-in is needed ----
mkdir pictures
for i in 1 2 10; do cp "$street" pictures/p$i.jpg; done
saker annotate "$model" --source pictures --json figures.json --jsonl boxes.jsonl
exits 0
says out "3 pictures in"
exists annotation_results/p10.jpg
json figures.json /frames 3
same "lines" 3 "$(wc -l <boxes.jsonl)"
saker annotate "$model" 'pictures/*.jpg' --save-dir one --max-frames 1 --quiet
exits 0
silent out
saker annotate "$model" --source "$street" --no-save
exits 0
says out "1 picture in"
missing annotation_results/signs.jpg
saker annotate "$model" pictures --track
exits 1
says err "--track wants a video"
saker annotate "$model" --source pictures street.mp4
exits 1
says err "one kind at a time"
saker annotate "$model"
exits 2
says err "the source is missing"
saker annotate "$model" pictures --device cuda:0
exits 2
says err "--device cuda:0: saker runs on the CPU"
saker annotate "$model" pictures --events events.jsonl
exits 2
says err "--scene"
saker annotate no.onnx pictures
exits 1
says err "no.onnx: no such file"

# The names that other programs give the flags; the words of YOLOX's demo.py.
saker annotate "$model" --source pictures --image-shape 320 320 --conf-thres 0.7 --engine saker --device cpu --num-cores 2
exits 0
saker annotate image -n yolox-s -c "$model" --path pictures --conf 0.25 --nms 0.45 --tsize 320 --save_result --device cpu
exits 0
says err "note: -n yolox-s"
"$FIXTURE" checkpoint tiny_yolox.pth yolox red green
saker annotate image -n yolox-x -c tiny_yolox.pth --path pictures
if [ "$code" -eq 1 ]; then says err "-n yolox-x"; fi

if ! command -v ffmpeg >/dev/null || ! command -v ffprobe >/dev/null; then
  echo "skipped: no ffmpeg" >&2
  finish
  exit 77
fi

# ---- drawn videos ----
# film NAME FRAMES ARGUMENTS...: a view that moves over the street, 25 frames a second
film() {
  local name=$1 frames=$2
  shift 2
  ffmpeg -v error -y -loop 1 -framerate 25 -i "$street" -frames:v "$frames" \
    -vf "scale=640:-2,crop=480:320:x='mod(n*3,160)':y=10${FILTER:+,$FILTER}" "$@" "$name"
}
# times FILE: the frames' times in milliseconds, in order
times() {
  ffprobe -v error -select_streams v:0 -show_entries frame=best_effort_timestamp_time -of csv=p=0 "$1" |
    tr -d ',' | awk 'NF { printf "%d\n", $1 * 1000 + 0.5 }'
}
# same_times A B: as many frames, each at the same time to a millisecond, which is what Matroska keeps
same_times() {
  last="ffprobe $1 $2"
  times "$1" >a.txt
  times "$2" >b.txt
  same "frames of $2" "$(wc -l <a.txt)" "$(wc -l <b.txt)"
  paste a.txt b.txt | awk '{ d = $1 - $2; if (d > 1 || d < -1) exit 1 }' || complain "$2 has other times than $1"
}
film street.mp4 40 -c:v mpeg4 -q:v 3

saker annotate "$model" --source street.mp4 --no-save
if [ "$code" -eq 1 ] && grep -q "install_video.sh" err; then
  if [ "${VIDEO_PLUGIN:-}" = ON ]; then complain "the plug-in has been built"; fi
  saker annotate no.onnx --source street.mp4
  says err "no.onnx"
  echo "skipped: no plug-in for videos" >&2
  finish
  exit 77
fi
exits 0
missing annotation_results/street.mp4
says out "40 frames in"
says out "FPS end to end"
# Without the plug-in beside it the remedy comes before anything else.
mkdir alone
cp "$SAKER" alone/saker
code=0
last="saker without the plug-in"
alone/saker annotate "$model" --source street.mp4 --save-dir nothing >out 2>err || code=$?
exits 1
says err "scripts/install_video.sh"
missing nothing

# Every frame once, at its time, in both containers; with B-frames, and where the frame rate changes.
film gop.mp4 30 -c:v mpeg4 -bf 2
FILTER="select='not(eq(mod(n,7),3))+lt(n,10)'" film vfr.mp4 40 -vsync vfr -c:v mpeg4
film odd.mkv 8 -c:v ffv1 -vf "scale=101:67"
for source in street.mp4 gop.mp4 vfr.mp4 odd.mkv; do
  for format in mp4 mkv; do
    saker annotate "$model" --source $source --save-dir "out_$format" --save-format $format --json figures.json
    exits 0
    same_times $source "out_$format/${source%.*}.$format"
  done
done
json figures.json /sources/0/width 101
same "the picture's size" "480,320" \
  "$(ffprobe -v error -select_streams v:0 -show_entries stream=width,height -of csv=p=0 out_mp4/street.mp4)"

for size in 1:1 2:3 17:1; do
  film point.mkv 3 -c:v ffv1 -vf "scale=$size"
  saker annotate "$model" --source point.mkv --save-dir points
  exits 0
  same_times point.mkv points/point.mp4
done

# What is drawn is there; without --no-overlay the corner is darker.
for i in 0 30; do ffmpeg -v error -y -i out_mp4/street.mp4 -vf "select=eq(n\,$i)" -frames:v 1 drawn_$i.png; done
saker annotate "$model" --source street.mp4 --save-dir bare --no-overlay --quiet
exits 0
silent out
silent err
ffmpeg -v error -y -i bare/street.mp4 -vf "select=eq(n\,30)" -frames:v 1 bare_30.png
ffmpeg -v error -y -i street.mp4 -vf "select=eq(n\,30)" -frames:v 1 plain_30.png
if cmp -s bare_30.png plain_30.png || cmp -s bare_30.png drawn_30.png; then complain "nothing was drawn"; fi

# Lines, strides, the end before the end.
saker annotate "$model" --source street.mp4 --no-save --jsonl boxes.jsonl --mot boxes.txt
exits 0
same "lines" 40 "$(wc -l <boxes.jsonl)"
head -n 1 boxes.jsonl >first.json
json first.json /source street.mp4
json first.json /frame 0
says boxes.txt "1,-1,"
saker annotate "$model" --source street.mp4 --vid-stride 4 --save-dir strided --jsonl - --quiet
exits 0
same "lines" 10 "$(wc -l <out)"
same "time of the second" 160 "$(times strided/street.mp4 | sed -n 2p)"
saker annotate "$model" --source street.mp4 --max-frames 7 --save-dir short
exits 0
same "frames" 7 "$(times short/street.mp4 | wc -l)"
saker annotate "$model" --source street.mp4 --motion-gate --no-save --json figures.json
exits 0
json figures.json /frames 40

# Tracks and a gate.
cat >gate.yaml <<'END'
lines:
  gate: [[0.5, 0], [0.5, 1]]
zones:
  left half: [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]
END
saker annotate "$model" --source street.mp4 --scene gate.yaml --events events.jsonl --jsonl tracks.jsonl --mot tracks.txt
exits 0
says out "gate:"
says events.jsonl '"where":"left half"'
says tracks.jsonl '"track":1'
saker annotate "$model" --track street.mp4 --no-save
exits 0
printf 'tracker_type: botsort\n' >botsort.yaml
saker annotate "$model" street.mp4 --track botsort.yaml --no-save
exits 1
says err "botsort"

# Two at a time: each its own video; names that meet get numbers.
mkdir other
film other/street.mp4 15 -c:v mpeg4
saker annotate "$model" --source street.mp4 other/street.mp4 --save-dir two --json figures.json --jsonl both.jsonl
exits 0
same_times street.mp4 two/street.mp4
same_times other/street.mp4 two/street_2.mp4
json figures.json /frames 55
json figures.json /sources/1/frames 15
saker annotate "$model" --source 'o*/*.mp4' --save-dir globbed --quiet
exits 0
exists globbed/street.mp4
saker annotate "$model" street.mp4 other/street.mp4 --no-save --mot both.txt
exits 1
says err "one source at a time"

# The lines of other programs, word for word.
cp "$model" best.onnx
saker annotate best.onnx --source street.mp4 --image-shape 320 320 --conf-thres 0.7 --engine saker --device cpu --num-cores 2
exits 0
saker annotate video -n yolox-s -c best.onnx --path street.mp4 --conf 0.25 --nms 0.45 --tsize 320 --save_result --device cpu
exits 0

# Ctrl-C: what is done becomes a whole video; at the second one nothing does. The lines go into a pipe which holds
# 64 KiB, fewer than there are, so that it is still at work when it is asked to stop. Shells ignore SIGINT for what they
# start in the background.
film long.mkv 800 -c:v mpeg4
mkfifo lines
# interrupted FOLDER: starts it, and waits for its first line
interrupted() {
  last="saker annotate long.mkv --save-dir $1, interrupted"
  env --default-signal=INT "$SAKER" annotate "$model" --source long.mkv --save-dir "$1" --jsonl lines >out 2>err &
  pid=$!
  exec 3<lines
  read -r _ <&3
}
interrupted stopped
kill -INT $pid
cat <&3 >rest.jsonl
exec 3<&-
code=0
wait $pid || code=$?
exits 130
frames=$(times stopped/long.mp4 | wc -l)
if [ "$frames" -lt 1 ] || [ "$frames" -ge 800 ]; then complain "$frames frames"; fi
says out "FPS end to end"

interrupted twice
sleep 3  # the pipe is full then; on a slow machine it may be that the first one is enough, and the video whole
kill -INT $pid
while kill -INT $pid 2>/dev/null; do sleep 0.1; done
code=0
wait $pid || code=$?
exec 3<&-
exits 130
if ! grep -q "FPS end to end" out; then same "left in the folder" "" "$(ls -A twice)"; fi

# ---- what goes wrong, before any work ----
saker annotate "$model" --source no.mp4
exits 1
says err "no.mp4"
saker annotate "$model" --source /dev/video97
exits 1
says err "/dev/video97"
saker annotate "$model" --source 97
exits 1
says err "/dev/video97"
ffmpeg -v error -y -f lavfi -i sine=d=1 -c:a aac audio.mp4
saker annotate "$model" --source audio.mp4
exits 1
says err "audio.mp4"
missing annotation_results/audio.mp4
echo "this is no video" >text.mp4
saker annotate "$model" --source text.mp4
exits 1
: >empty.mp4
saker annotate "$model" --source empty.mp4
exits 1
says err "empty.mp4"
saker annotate "$model" --source street.mp4 --save-dir .
exits 1
says err "street.mp4 is a source"
exists street.mp4
touch file
saker annotate "$model" --source street.mp4 --save-dir file/below
exits 1
says err "--save-dir"
saker annotate "$model" --source street.mp4 --no-save --json none/figures.json
exits 1
says err "mkdir -p none"
saker annotate "$model" --source street.mp4 --no-save --jsonl street.mp4
exits 1
says err "would overwrite street.mp4"

# Credentials stay with whoever typed them.
saker annotate "$model" --source 'rtsp://user:hunter2@127.0.0.1:1/live?token=hunter3' --json figures.json
exits 1
if grep -q hunter out err; then complain "the password is shown"; fi
same "files with the password" "" "$(find . -name '*hunter*')"

# Where there is no display, or no window in this FFmpeg.
code=0
last="saker annotate --show without a display"
env -u DISPLAY -u WAYLAND_DISPLAY "$SAKER" annotate "$model" --source street.mp4 --show --save-dir shown >out 2>err || code=$?
exits 1
missing shown/street.mp4

# Cut off, and hurt in the middle: what can be decoded is done, the rest is said.
film faststart.mp4 40 -c:v mpeg4 -movflags +faststart
size=$(stat -c %s faststart.mp4)
head -c $((size * 6 / 10)) faststart.mp4 >cut.mp4
saker annotate "$model" --source cut.mp4 --save-dir hurt
exits 1
says err "cut.mp4"
frames=$(times hurt/cut.mp4 | wc -l)
if [ "$frames" -lt 5 ] || [ "$frames" -ge 40 ]; then complain "$frames frames of a cut file"; fi

size=$(stat -c %s gop.mp4)
cp gop.mp4 dirty.mp4
for at in 3 4 5; do
  head -c 3000 /dev/zero | dd of=dirty.mp4 bs=1 seek=$((size * at / 10)) conv=notrunc status=none
done
saker annotate "$model" --source dirty.mp4 --save-dir hurt
if [ "$code" -eq 1 ]; then says err "dirty.mp4"; fi
frames=$(times hurt/dirty.mp4 | wc -l)
if [ "$frames" -lt 5 ]; then complain "$frames frames of a damaged file"; fi

# A size that changes in the middle begins another video.
film small.ts 10 -c:v mpeg4 -vf "scale=160:120"
film large.ts 10 -c:v mpeg4
cat large.ts small.ts >sizes.ts
saker annotate "$model" --source sizes.ts --save-dir sizes
exits 0
says err "changes its size"
exists sizes/sizes.mp4
exists sizes/sizes_2.mp4

# A full disk: nothing half written.
saker annotate "$model" --source street.mp4 --no-save --jsonl /dev/full
exits 1
says err "/dev/full"
mkdir tight
if mount -t tmpfs -o size=16k none tight 2>/dev/null; then
  saker annotate "$model" --source street.mp4 --save-dir tight
  exits 1
  same "left in the folder" "" "$(ls -A tight)"
  umount tight
fi
finish

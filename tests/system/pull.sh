#!/usr/bin/env bash
# saker pull, from mirrors that are folders of this machine: nothing here needs a network.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
for program in curl sha256sum; do
  if ! command -v "$program" >/dev/null; then
    echo "no $program: skipped"
    exit 77
  fi
done

export SAKER_CACHE="$work/cache"
release="Megvii-BaseDetection/YOLOX/releases/download/0.1.1rc0"
# publish NAME TEXT: on the mirror, whose path has a space.
mirror="file://$work/a mirror"
publish() {
  mkdir -p "a mirror/$release"
  printf '%s' "$2" >"a mirror/$release/$1"
}
hash_of() { sha256sum "$1" | cut -c 1-64; }
# half_way NAME TEXT: as an interrupted download has left it.
half_way() {
  printf '%s' "$2" >"cache/weights/$1.part"
  printf '%s' "file://$work/a%20mirror/$release/$1" >"cache/weights/$1.part.url"
}

saker pull --list
exits 0
silent err
says out "yolox_nano.onnx"
says out "Apache-2.0"
says out "AGPL-3.0"
same "every line has name, licence and address" "" "$(awk 'NR > 1 && (NF != 3 || $3 !~ /^https:/)' out)"
same "no name is there twice" "" "$(awk '{print $1}' out | sort | uniq -d)"
missing cache

# The first time: licence and hash are shown, the hash is recorded, the path goes to stdout.
publish yolox_nano.onnx "weights of the nano model"
hash=$(hash_of "a mirror/$release/yolox_nano.onnx")
saker pull yolox_nano --mirror "$mirror"
exits 0
same "stdout" yolox_nano.onnx "$(cat out)"
says err "licence Apache-2.0, see https://github.com/Megvii-BaseDetection/YOLOX"
says err "$hash (trusted on first use"
cmp -s yolox_nano.onnx "a mirror/$release/yolox_nano.onnx" || complain "another file came"
says cache/saker-pull.lock "$hash  yolox_nano.onnx  https://github.com/$release/yolox_nano.onnx"

# The second time: from the cache, without the mirror.
mv "a mirror" gone
saker pull yolox_nano.onnx --mirror "$mirror" --out models/
exits 0
same "stdout" models/yolox_nano.onnx "$(cat out)"
says err "in the cache already"
exists models/yolox_nano.onnx
saker pull yolox_nano --out as.onnx
exits 0
exists as.onnx
mv gone "a mirror"

# Devices and pipes are not replaced, nor read to their end.
mkfifo pipe
for target in pipe /dev/full; do
  saker pull yolox_nano --out "$target" --force
  exits 1
  says err "$target: is not a file"
done
[ -p pipe ] || complain "the pipe should be there still"
for source in "$PWD/pi%70e" /dev/zero; do
  saker pull --url "file://$source" --name endless.onnx --out endless.onnx
  exits 1
  says err "is not a regular file"
  missing endless.onnx
done

# A file that was changed, in the cache or where it comes from, is refused.
echo "more" >>cache/weights/yolox_nano.onnx
saker pull yolox_nano --out x.onnx
exits 1
says err "changed or damaged"
says err "expected sha256 $hash"
missing x.onnx
rm cache/weights/yolox_nano.onnx
publish yolox_nano.onnx "somebody else's weights"
new_hash=$(hash_of "a mirror/$release/yolox_nano.onnx")
saker pull yolox_nano --mirror "$mirror" --out x.onnx
exits 1
says err "not the file it should be"
says err "expected sha256 $hash"
says err "--sha256 $new_hash"
missing x.onnx
missing cache/weights/yolox_nano.onnx
missing cache/weights/yolox_nano.onnx.part
saker pull yolox_nano --mirror "$mirror" --sha256 "$new_hash"
exits 1
says err "exists and is another file"
saker pull yolox_nano --mirror "$mirror" --force
exits 0
same "replaced" "somebody else's weights" "$(cat yolox_nano.onnx)"
says cache/saker-pull.lock "$new_hash"
same "one line a file" 1 "$(grep -c yolox_nano cache/saker-pull.lock)"

# What is in the catalogue with its hash is never taken on trust.
mkdir -p "a mirror/ultralytics/yolov5/releases/download/v7.0"
echo "not the official weights" >"a mirror/ultralytics/yolov5/releases/download/v7.0/yolov5n.pt"
saker pull yolov5n.pt --mirror "$mirror"
exits 1
says err "licence AGPL-3.0"
says err "expected sha256 4f180cf23ba0717ada0badd6c685026d73d48f184d00fc159c2641284b2ac0a3"
missing yolov5n.pt
if [ -f "${SAKER_ASSETS:-}/pt/yolov5n.pt" ]; then
  ln -sf "$SAKER_ASSETS/pt/yolov5n.pt" "a mirror/ultralytics/yolov5/releases/download/v7.0/yolov5n.pt"
  saker pull yolov5n.pt --mirror "$mirror"
  exits 0
  says err "as expected"
  says err "export them to ONNX"
fi

# An interrupted download goes on where it stopped: the part's first letters stay.
publish yolox_tiny.onnx "0123456789abcdef"
half_way yolox_tiny.onnx "0123----"
saker pull yolox_tiny --mirror "$mirror"
exits 0
same "part and rest" "0123----89abcdef" "$(cat yolox_tiny.onnx)"
missing cache/weights/yolox_tiny.onnx.part.url
# Parts that are whole, too long, or of another address: from the beginning.
publish yolox_s.onnx "0123456789abcdef"
half_way yolox_s.onnx "0123456789abcdef"
saker pull yolox_s --mirror "$mirror"
exits 0
same "a part that was whole" "0123456789abcdef" "$(cat yolox_s.onnx)"
publish yolox_m.onnx "0123456789abcdef"
half_way yolox_m.onnx "0123456789abcdef and more"
saker pull yolox_m --mirror "$mirror"
exits 0
same "a part that was too long" "0123456789abcdef" "$(cat yolox_m.onnx)"
publish yolox_l.onnx "0123456789abcdef"
half_way yolox_l.onnx "----"
echo "https://example.org/yolox_l.onnx" >cache/weights/yolox_l.onnx.part.url
saker pull yolox_l --mirror "$mirror"
exits 0
same "a part from elsewhere" "0123456789abcdef" "$(cat yolox_l.onnx)"

# A wrong part of a file whose hash is known is found out, and the next attempt begins anew.
rm cache/weights/yolox_l.onnx
half_way yolox_l.onnx "----"
saker pull yolox_l --mirror "$mirror"
exits 1
says err "not the file it should be"
missing cache/weights/yolox_l.onnx.part
saker pull yolox_l --mirror "$mirror"
exits 0
says err "(as expected)"

# Any file.
saker pull --url "file://$work/15 doors.onnx" --name doors.onnx
exits 1
says err "15%20doors.onnx"
says err "put it at $work/cache/weights/doors.onnx"
echo "doors" >"15 doors.onnx"
saker pull --url "file://$work/15 doors.onnx" --name doors.onnx --out .
exits 0
says err "licence unknown"
same "doors" doors "$(cat doors.onnx)"
saker pull --url "file://$work/other.onnx" --name doors.onnx
exits 1
says err "was pulled from another address before"
saker pull --url "file://$work/15 doors.onnx"
exits 2
says err "cannot be a file's name"
saker pull --url "file://$work/x.onnx" --name ../x.onnx
exits 2
says err "cannot be a file's name"
saker pull --url "file://$work/yolov5n.pt"
exits 2
says err "is the name of other weights"
saker pull --url http://example.org/a.onnx
exits 2
says err "no https:// or file:/// address"

# A file put by hand into the cache serves without a network, and is recorded.
echo "by hand" >cache/weights/yolov5s.onnx
saker pull yolov5s
exits 0
same "by hand" "by hand" "$(cat yolov5s.onnx)"
says cache/saker-pull.lock "yolov5s.onnx  https://github.com/ultralytics/yolov5"

# What goes wrong.
saker pull yolox_x --mirror "$mirror"
exits 1
says err "curl: (37)"
says err "put it at $work/cache/weights/yolox_x.onnx"
missing cache/weights/yolox_x.onnx.part.url
publish yolox_x.onnx "<html>log in first</html>"
saker pull yolox_x --mirror "$mirror"
exits 1
says err "a web page came instead"
publish yolox_x.onnx ""
saker pull yolox_x --mirror "$mirror"
exits 1
says err "yolox_x.onnx"
missing yolox_x.onnx
saker pull yolovn5
exits 1
says err "no weights are known as 'yolovn5': did you mean"
saker pull
exits 2
says err "NAME is missing"
saker pull yolox_nano --mirror ftp://example.org
exits 2
says err "--mirror"
saker pull yolox_nano --sha256 1234
exits 2
says err "64 hexadecimal digits"
saker pull yolox_nano --out nowhere/x.onnx
exits 1
says err "mkdir -p nowhere"
echo "rubbish" >>cache/saker-pull.lock
saker pull yolox_nano
exits 1
says err "saker-pull.lock: line"
sed -i '$d' cache/saker-pull.lock
: >a_file
SAKER_CACHE=$work/a_file/below saker pull yolox_nano
exits 1
says err "SAKER_CACHE"

mkdir bin
ln -s "$(command -v sha256sum)" bin/
publish yolox_darknet.onnx "0123456789abcdef"
code=0
last="saker pull yolox_darknet, without curl"
PATH=$work/bin "$SAKER" pull yolox_darknet --mirror "$mirror" >out 2>err || code=$?
exits 1
says err "curl is not installed"
says err "apt-get install curl"
finish

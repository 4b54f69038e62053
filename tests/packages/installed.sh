#!/usr/bin/env bash
# In a bare Debian, as root: installs the packages of /packages, uses them, and removes them again.
set -euo pipefail
fail() {
  echo "FAILED: $1"
  exit 1
}
models=/usr/share/saker/models
apt_get() { apt-get -y -qq --no-install-recommends "$@" >/tmp/apt.log 2>&1 || { tail -n 20 /tmp/apt.log; fail "apt-get $*"; }; }

apt_get update
find / -xdev -not -path '/proc/*' -not -path '/tmp/*' -not -path '/var/*' | LC_ALL=C sort >/tmp/before
apt_get install /packages/saker_*.deb
saker --version
saker detect $models/signs.int8.onnx $models/signs.jpg --format jsonl >/tmp/found
grep -q '"label"' /tmp/found || fail "saker detect finds nothing"
/packages/detect $models/signs.int8.onnx $models/signs.jpg >/tmp/found
[ -s /tmp/found ] || fail "libsaker.so.0 finds nothing"
saker backends >/tmp/backends
[ -s /usr/share/man/man1/saker.1.gz ] || [ -e /etc/dpkg/dpkg.cfg.d/docker ] || fail "no manual page"

saker serve --model signs=$models/signs.int8.onnx --port 18080 >/tmp/serve.log 2>&1 &
server=$!
load() {
  saker loadtest http://127.0.0.1:18080 --source $models/signs.jpg --model signs --duration 1 --warmup 0 --quiet \
    --json /tmp/load.json >/tmp/load.log 2>&1
}
answered=0
for _ in $(seq 50); do
  if load; then
    answered=1
    break
  fi
  sleep 0.2
done
kill -TERM $server
wait $server || { cat /tmp/serve.log; fail "saker serve did not end well"; }
[ $answered -eq 1 ] || { cat /tmp/load.log; fail "saker loadtest"; }

saker annotate $models/signs.int8.onnx --source /none.mp4 >/tmp/video.log 2>&1 && fail "a video that is not there"
grep -q 'saker_video.so' /tmp/video.log || { cat /tmp/video.log; fail "no word of the missing plug-in"; }
apt_get install /packages/saker-video_*.deb
saker annotate $models/signs.int8.onnx --source /none.mp4 >/tmp/video.log 2>&1 && fail "a video that is not there"
grep -q 'none.mp4' /tmp/video.log || { cat /tmp/video.log; fail "the plug-in for videos is not found"; }

apt_get purge saker saker-video
apt_get autoremove --purge
find / -xdev -not -path '/proc/*' -not -path '/tmp/*' -not -path '/var/*' | LC_ALL=C sort >/tmp/after
left=$(comm -13 /tmp/before /tmp/after | grep -i saker || true)
[ -z "$left" ] || fail "left behind: $left"

#!/usr/bin/env bash
# saker loadtest: flags, a server that is not there, and one that is (Python's, which closes after each answer).
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
pictures=${SAKER_SOURCE:?the checkout}/docs/pictures

# ---- wrong usage ----
saker loadtest --help
exits 0
says out "Usage: saker loadtest URL [FLAGS]"
says out "Examples:"
wrong() { # TEXT ARGUMENTS...
  local text=$1
  shift
  saker loadtest "$@"
  exits 2
  silent out
  says err "$text"
}
wrong "URL is missing" --rate 1
wrong "write http://HOST:PORT" localhost:8080
wrong "speaks no TLS" https://localhost
wrong "give one of them" http://localhost --rate 1 --concurrency 1
wrong "write numbers between" http://localhost --concurrency 1,x
wrong "write numbers between" http://localhost --rate 0
wrong "--body and --source" http://localhost --body a --source b
wrong "must end in .png" http://localhost --plot curve.svg
wrong "begins with /" http://localhost --target v2
wrong "write NAME:VALUE" http://localhost --header "no colon"
wrong "unknown flag --concurency: did you mean --concurrency?" http://localhost --concurency 1

# ---- nobody there, nothing to send ----
saker loadtest http://127.0.0.1:1 --duration 0.2 --warmup 0
exits 1
says err "is the server running"
saker loadtest http://127.0.0.1:1 --source nothing.jpg
exits 1
says err "nothing.jpg"
saker loadtest http://127.0.0.1:1 --body nothing.json
exits 1
says err "nothing.json"

# ---- a server ----
if ! command -v python3 >/dev/null; then
  echo "no python3: no server to ask" >&2
  finish
  exit 0
fi
mkdir www
echo hello >www/index.html
python3 -u -m http.server 0 --bind 127.0.0.1 --directory www >port 2>/dev/null &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
for _ in $(seq 300); do
  port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' port)
  if [ -n "$port" ]; then break; fi
  sleep 0.1
done
url=http://127.0.0.1:$port
saker loadtest "$url" --concurrency 1,2 --duration 0.5 --warmup 0.1 --json load.json --plot curve.png
exits 0
silent err
says out "Load test of $url/"
says out "clients"
says out "p99.9 ms"
exists curve.png
json load.json /loop closed
json load.json /stages/1/concurrency 2
json load.json /stages/0/failed 0
saker loadtest "$url/index.html" --rate 20 --duration 0.5 --warmup 0 --json --plot page.html
exits 0
cp out rate.json
json rate.json /loop open
json rate.json /stages/0/rate_per_s 20
exists page.html
says page.html "<table"
saker loadtest "$url" --source "$pictures" --duration 0.3 --warmup 0
exits 1
says out "Load test of $url/v1/detect"
says out "501 x"
finish

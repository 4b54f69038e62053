#!/usr/bin/env bash
# saker serve: started, asked well and badly, its models exchanged under load, ended under load.
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
models=${SAKER_SOURCE:?the checkout}/models
picture=$models/signs.jpg

server=""
end_server() { if [ -n "$server" ]; then kill -KILL "$server" 2>/dev/null || true; fi; }
trap 'end_server; rm -rf "$work"' EXIT

# start FLAGS...: leaves its address in $url.
start() {
  last="saker serve $*"
  code=0
  : >out
  "$SAKER" serve --port 0 "$@" >out 2>log &
  server=$!
  for _ in $(seq 600); do
    url=$(sed -n 's/^saker serve: //p' out)
    if [ -n "$url" ]; then return; fi
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  cp log err
  complain "it should listen"
  finish
}
# stop SIGNAL CODE
stop() {
  kill -"$1" "$server"
  code=0
  wait "$server" || code=$?
  server=""
  cp log err
  exits "$2"
}
# ask STATUS CURL_ARGUMENTS...: the answer is in the file answer.
ask() {
  local expected=$1 got
  shift
  last="curl $*"
  got=$(curl -s -S --max-time 60 -o answer -w '%{http_code}' "$@" 2>err) || true
  cp answer out 2>/dev/null || : >out
  same "status of curl $*" "$expected" "$got"
}

# What is wrong with flags and the config file, before anything is read.
saker serve
exits 2
says err "what is to be served?"
says err "--model"
saker serve --model m.onnx --prot 80
exits 2
says err "unknown flag --prot: did you mean --port?"
saker serve --model m.onnx --port 65536
exits 2
says err "65536"
saker serve --model m.onnx --grpc 8081
exits 2
says err "--grpc"
says err "ADDRESS:PORT"
saker serve --model m.onnx --token-file nothing
exits 2
says err "--token-file"
printf 'model: m.onnx\nprot: 80\n' >bad.yaml
saker serve --config bad.yaml
exits 2
says err "bad.yaml:2: there is no \`prot\`; did you mean \`port\`?"
saker serve --model nothing.onnx
exits 1
says err "nothing.onnx"
saker serve --help
exits 0
says out "--latency-budget"
says out "Examples:"

# A repository, an admin, a config file that a flag wins over.
mkdir -p store/signs/1 store/first/1
cp "$models/signs.int8.onnx" store/signs/1/model.onnx
cp "$models/signs.int8.onnx" store/first/1/model.onnx
printf 'conf: 0.3\n' >store/signs/config.yaml
echo "admin-secret" >admin.txt
printf 'repository: store\nadmin_token_file: admin.txt\nhost: 192.0.2.1\nlog_format: json\nqueue: 1000\n' >serve.yaml
start --config serve.yaml --host 127.0.0.1 --drain 60
ask 200 "$url/v2/health/live"
ask 200 "$url/v2/health/ready"
ask 200 --data-binary @"$picture" "$url/v1/detect?model=signs"
says answer "yield"
ask 200 "$url/metrics"
says answer "saker_models_ready 2"
says answer "process_open_fds"
# What the dashboard draws is there.
dashboard=$SAKER_SOURCE/deploy/grafana/saker.json
while read -r name; do
  says answer "# TYPE $name "
done < <(grep -oE '(saker|process)_[a-z_]+' "$dashboard" | sed -E 's/_(bucket|sum|count)$//' | sort -u)
ask 404 "$url/nothing"
ask 404 --data-binary @"$picture" "$url/v1/detect?model=nothing"
ask 405 "$url/v1/detect"
ask 422 --data-binary "no picture" "$url/v1/detect?model=signs"
ask 401 -X POST "$url/v2/repository/models/signs/load"
ask 403 -X POST -H "Authorization: Bearer other" "$url/v2/repository/models/signs/load"
ask 400 -X POST -H "Authorization: Bearer admin-secret" "$url/v2/repository/models/..%2fsigns/load"
ask 404 -X POST -H "Authorization: Bearer admin-secret" "$url/v2/repository/models/nothing/load"

# Models are exchanged 20 times while clients ask; none of them sees it.
touch run
client() {
  while [ -e run ]; do
    curl -s --max-time 60 -o /dev/null -w '%{http_code}\n' --data-binary @"$picture" "$url/v1/detect?model=signs" || echo "curl $?"
  done >"client$1"
}
for i in 1 2 3; do client "$i" & clients[i]=$!; done
for _ in $(seq 20); do ask 200 -X POST -H "Authorization: Bearer admin-secret" "$url/v2/repository/models/signs/load"; done
# A version that is no model changes nothing; one that is takes over when the server looks.
mkdir -p store/signs/2
echo "no model" >store/signs/2/model.onnx
ask 400 -X POST -H "Authorization: Bearer admin-secret" "$url/v2/repository/models/signs/load"
ask 200 --data-binary @"$picture" "$url/v1/detect?model=signs"
cp "$models/signs.onnx" store/signs/part && mv store/signs/part store/signs/2/model.onnx
kill -HUP "$server"
served='"name":"signs","version":"2","state":"READY"'
for _ in $(seq 600); do
  ask 200 -X POST "$url/v2/repository/index"
  if grep -qF "$served" answer; then break; fi
  sleep 0.1
done
says answer "$served"
rm run
for i in 1 2 3; do wait "${clients[i]}"; done
cat client1 client2 client3 >answers
same "answers during reloads" "200" "$(sort -u answers)"
if [ "$(wc -l <answers)" -lt 20 ]; then complain "clients should have been busy: $(wc -l <answers) answers"; fi

# It ends under load: whatever it has taken it answers, and the exit code is 0.
touch run
one_more() {
  while [ -e run ]; do
    curl -s --max-time 60 -o "body$1" -w '%{http_code} %{size_download}\n' --data-binary @"$picture" "$url/v1/detect?model=signs" || { echo "curl $?"; break; }
  done >"ending$1"
}
before=$(grep -c '"message":"request"' log || true)
for i in 1 2 3 4; do one_more "$i" & clients[i]=$!; done
for _ in $(seq 600); do
  if [ "$(grep -c '"message":"request"' log)" -gt $((before + 8)) ]; then break; fi
  sleep 0.1
done
stop TERM 0
rm run
for i in 1 2 3 4; do wait "${clients[i]}"; done
cat ending1 ending2 ending3 ending4 >endings
taken=$(tail -n +1 log | grep '"message":"request"' | tail -n +$((before + 1)) | grep -c '"status":200')
answered=$(grep -c '^200 ' endings)
same "requests that were taken, and those that were answered" "$taken" "$answered"
if grep -qE '^curl (18|28)' endings; then complain "an answer was cut short: $(sort endings | uniq -c)"; fi
says log '"told to end'
same "lines of the log that are no JSON" "" "$(grep -v '^{.*}$' log || true)"

# Tokens.
echo "secret" >token
start --model signs="$models/signs.int8.onnx" --token-file token --no-access-log
ask 200 "$url/v2/health/ready"
ask 401 --data-binary @"$picture" "$url/v1/detect"
ask 200 -H "Authorization: Bearer secret" --data-binary @"$picture" "$url/v1/detect"
ask 403 -X POST -H "Authorization: Bearer secret" "$url/v2/repository/models/signs/unload"
says out '"error"'
stop INT 0
if grep -q "request" log; then complain "there should be no lines of requests"; fi

# A second signal ends it at once, whatever it waits for.
start --model "$models/signs.int8.onnx"
exec 3<>"/dev/tcp/127.0.0.1/${url##*:}"
printf 'POST /v1/detect HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nno end' >&3
sleep 0.3
kill -TERM "$server"
for _ in $(seq 100); do
  if grep -q "told to end" log; then break; fi
  sleep 0.1
done
kill -0 "$server" || complain "it should wait for the body"
stop TERM 1
exec 3>&-

# An address that is taken.
start --model "$models/signs.int8.onnx"
taken_port=${url##*:}
code=0
"$SAKER" serve --model "$models/signs.int8.onnx" --port "$taken_port" >out 2>err || code=$?
last="saker serve --port $taken_port, twice"
exits 1
says err "$taken_port"
stop TERM 0
finish

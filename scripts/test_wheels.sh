#!/usr/bin/env bash
# Installs the wheels of build/wheels/dist as users do and runs python/tests on them; the last line counts the places.
#
#   scripts/test_wheels.sh [PLACE...]     PLACE: an interpreter's path, or a Debian suite (bookworm, bullseye); default: the
#                                         interpreters that scripts/build_wheels.sh finds, and bookworm
#
# In a suite: a bare Debian of that name with its own python3, nothing of this machine in it and no network. It is made
# with debootstrap, which needs root, and kept in SAKER_ROOTS (default /var/tmp/saker-roots).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/pythons.sh
source scripts/pythons.sh
# shellcheck source=scripts/tally.sh
source scripts/tally.sh

dist=$PWD/build/wheels/dist
assets=${SAKER_ASSETS:-../shared/assets}
if [ -d "$assets" ]; then
  SAKER_ASSETS=$(cd "$assets" && pwd)
  export SAKER_ASSETS  # for the interpreters; a bare Debian has none
fi
if ! ls "$dist"/*.whl >/dev/null 2>&1; then
  echo "$0: no wheel in build/wheels/dist; scripts/build_wheels.sh makes them" >&2
  exit 1
fi
work=$(mktemp -d)
mounted=''
clean_up() {
  if [ -n "$mounted" ]; then umount "$mounted"; fi
  rm -rf --one-file-system "$work"
}
trap clean_up EXIT

# lay_tests FOLDER: the tests and what they read. Python finds no package saker there but the one that is installed.
lay_tests() {
  rm -rf "$1"
  mkdir -p "$1/bench"
  cp -r CMakeLists.txt pyproject.toml docs models python "$1"
  cp -r bench/python "$1/bench"
}

# What is run there, in that folder.
# shellcheck disable=SC2016  # expanded there
check='
set -e
python=$1
"$python" - <<CODE
import subprocess, sys, time
import numpy
start = time.perf_counter(); import saker; took = time.perf_counter() - start
print(f"saker {saker.__version__} on Python {sys.version.split()[0]}, import {took * 1000:.0f} ms")
subprocess.run([sys.executable, "-m", "saker", "version"], check=True)
CODE
exec "$python" -m pytest -q -p no:cacheprovider python/tests'

in_venv() {
  local venv=$work/venv
  rm -rf "$venv"
  "$1" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check numpy pytest
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-index --find-links "$dist" saker
  lay_tests "$work/test"
  (cd "$work/test" && bash -c "$check" bash "$venv/bin/python")
}

in_suite() {
  local suite=$1 root=$work/root template=${SAKER_ROOTS:-/var/tmp/saker-roots}/$1 mirror version
  if [ ! -f "$template/complete" ]; then
    scripts/install_packages.sh --also debootstrap
    mirror=$(awk '/^URIs:/ { print $2; exit } /^deb / { print $2; exit }' /etc/apt/sources.list.d/debian*.sources /etc/apt/sources.list 2>/dev/null)
    rm -rf --one-file-system "$template"
    mkdir -p "$template"
    debootstrap --variant=minbase --include=python3-venv "$suite" "$template" "$mirror" >"$work/debootstrap.log" 2>&1 ||
      { tail -n 5 "$work/debootstrap.log" >&2 && exit 1; }
    touch "$template/complete"
  fi
  rm -rf --one-file-system "$root"
  cp -a "$template" "$root"
  lay_tests "$root/test"
  mkdir "$root/test/wheels"
  cp "$dist"/*.whl "$root/test/wheels"
  version=$(chroot "$root" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  python3 -m pip download --quiet --disable-pip-version-check --only-binary :all: --python-version "$version" --implementation cp \
    --platform manylinux2014_x86_64 --platform manylinux_2_28_x86_64 --dest "$root/test/wheels" numpy pytest exceptiongroup tomli  # the last two: for 3.9 and 3.10
  mkdir -p "$root/dev/shm" && chmod 1777 "$root/dev/shm"  # for semaphores
  mount -t proc proc "$root/proc"
  mounted=$root/proc
  env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 chroot "$root" bash -c "cd /test && python3 -m venv venv &&
    venv/bin/pip install --quiet --no-index --find-links wheels numpy pytest saker && bash -c '$check' bash venv/bin/python"
}

# One place, in a process of its own, which ends at the first command that fails.
case "${1:-}" in
  --venv)
    in_venv "$2"
    exit
    ;;
  --suite)
    in_suite "$2"
    exit
    ;;
esac

places=("$@")
if [ ${#places[@]} -eq 0 ]; then mapfile -t places < <(find_pythons && echo bookworm); fi
for place in "${places[@]}"; do
  printf '\n== %s\n' "$place"
  if [ -x "$place" ]; then
    tally_command "$place" scripts/test_wheels.sh --venv "$place"
  elif [ "$(id -u)" -ne 0 ]; then
    echo "skipped: a bare Debian needs root"
    skipped=$((skipped + 1))
  else
    tally_command "$place" scripts/test_wheels.sh --suite "$place"
  fi
done
echo
tally_report

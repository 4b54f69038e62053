# shellcheck shell=bash
# Files out of Python wheels, for scripts that source this; $work is their folder for what is fetched.

fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

check_sha256() {
  echo "$2  $1" | sha256sum --check --status && return
  fail "$(basename "$1") is not the file that was expected: its SHA-256 is" \
    "  $(sha256sum <"$1" | cut -d ' ' -f 1)" "and not" "  $2" "Nothing was installed from it."
}

# fetch_wheel PACKAGE VERSION SHA256 MEMBERS: unpacks these members of a Python wheel into $work/PACKAGE.
fetch_wheel() {
  local package=$1 version=$2 sha256=$3 members=$4 wheel
  echo "Fetching $package $version from PyPI"
  # The files for any one Python version will do: the libraries in all of them are the same.
  # shellcheck disable=SC2154 # see above
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$work" --only-binary=:all: \
    --platform manylinux_2_28_x86_64 --platform manylinux_2_25_x86_64 --platform manylinux_2_17_x86_64 \
    --platform manylinux2014_x86_64 --python-version 3.11 "$package==$version" >"$work/log" 2>&1 ||
    fail "pip could not download $package==$version:" "$(tail -n 3 "$work/log")" \
      "With a working network, run this again."
  wheel=$(find "$work" -maxdepth 1 -name "${package//-/_}-*.whl")  # a hyphen of a package is an underscore in its files
  check_sha256 "$wheel" "$sha256"
  python3 - "$wheel" "$members" "$work/$package" <<'PYTHON'
import re, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
archive.extractall(sys.argv[3], [name for name in archive.namelist() if re.match(sys.argv[2], name)])
PYTHON
}

# shellcheck shell=bash
# Sourced by the scripts that build and test wheels.

# find_pythons: the interpreters python3.9 .. python3.13, one a line: from PATH, else the newest that pyenv has of each.
find_pythons() {
  local minor python root=${PYENV_ROOT:-$HOME/.pyenv}
  for minor in 9 10 11 12 13; do
    python=$(find "$root/versions" -maxdepth 3 -path "*/3.$minor.*/bin/python3.$minor" 2>/dev/null | sort -V | tail -n 1)
    if [ -z "$python" ]; then python=$(command -v "python3.$minor" || true); fi
    if [ -n "$python" ] && "$python" -c 'import venv' 2>/dev/null; then echo "$python"; fi
  done
}

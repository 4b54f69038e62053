#!/usr/bin/env bash
# Completion and manual pages say what --help says, for every command.
set -euo pipefail
# shellcheck source=tests/system/harness.sh
source "$(dirname "${BASH_SOURCE[0]}")/harness.sh"
code=0 last="completion"
touch out err

# shellcheck source=deploy/completion/saker.bash
source "$SAKER_SOURCE/deploy/completion/saker.bash"
# completed WORD...: what is offered for the last one, a line each.
completed() {
  COMP_WORDS=("$SAKER" "$@") COMP_CWORD=$#
  _saker
  printf '%s\n' "${COMPREPLY[@]}"
}
# flags_of WORD...: the long flags that begin the lines of the help.
flags_of() { "$SAKER" "$@" --help | grep -oE '^  -[-_a-zA-Z0-9]+(, ?-[-_a-zA-Z0-9]+)*' | grep -oE -- '--[-_a-zA-Z0-9]+' | LC_ALL=C sort -u; }

same "saker det" detect "$(completed det)"
same "saker data ch" check "$(completed data ch)"
same "saker help ins" inspect "$(completed help ins)"
same "saker --vers" --version "$(completed --vers)"
same "files are bash's" "" "$(completed detect mod)"
same "no such command" "" "$(completed nonsense --x)"
same "after the command" "--max-det" "$(completed detect model.onnx pic.jpg --max-d)"

bash "$SAKER_SOURCE/scripts/make_man_pages.sh" "$SAKER" pages
commands=$("$SAKER" --help | awk '/^Commands:$/ { on = 1; next } /^[^ ]/ { on = 0 } on { print $1 }')
checked=0
for command in $commands; do
  "$SAKER" "$command" --help >/dev/null 2>&1 || continue  # a program that was not built
  verbs=$("$SAKER" "$command" --help | awk '/^Verbs:$/ { on = 1; next } /^[^ ]/ { on = 0 } on && NF { print $1 }')
  for verb in ${verbs:-''}; do
    words=("$command" ${verb:+"$verb"})
    page=pages/saker-$command${verb:+-$verb}.1.gz
    last="saker ${words[*]}"
    exists "$page"
    offered=$(completed "${words[@]}" -- | LC_ALL=C sort -u)
    same "flags that are offered or are not" "" \
      "$(diff <(flags_of "${words[@]}") <(grep -E '^--' <<<"$offered" | LC_ALL=C sort -u) || true)"
    zcat "$page" | sed 's/\\-/-/g' >text
    for words_of_it in $(flags_of "${words[@]}") '.SH NAME' '.SH SYNOPSIS'; do says text "$words_of_it"; done
    checked=$((checked + 1))
  done
done
[ "$checked" -gt 15 ] || complain "only $checked commands were checked"
says <(zcat pages/saker.1.gz) "detect"
if command -v man >/dev/null; then
  for page in pages/*.gz; do
    warned=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
    same "warnings of $page" "" "$warned"
  done
fi
finish

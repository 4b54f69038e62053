#!/usr/bin/env bash
# Manual pages out of what the programs say of themselves: saker.1 from `saker --help`, saker-detect.1 from `saker detect
# --help`, and so on for every command in their lists. The build calls it; nothing is written by hand.
#
#   scripts/make_man_pages.sh SAKER OUT_FOLDER
set -euo pipefail
saker=${1:?usage: scripts/make_man_pages.sh SAKER OUT_FOLDER}
out=${2:?an output folder is missing}
mkdir -p "$out"
rm -f "$out"/saker*.1.gz
version=$("$saker" --version | awk '{ print $2; exit }')

# page NAME TITLE WHAT: the text of --help on stdin to OUT/NAME.1.gz. WHAT: in a line, where the help does not say.
# Sections are lines that start in the first column and end with a colon; in them two spaces stand before an entry, the
# text behind it starts after two more or on the next line.
page() {
  awk -v name="$1" -v title="$2" -v what="${3:-}" -v version="$version" '
    function quoted(text) {
      gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text)
      if (text ~ /^[.\x27]/) text = "\\&" text
      return text
    }
    function close_block() { if (block) { print ".fi"; print ".RE"; block = 0 } }
    NR == 1 {
      foreign = /^usage: /  # of another form: as it is
      if (!foreign) { what = $0; sub(/\.$/, "", what); sub("^" title ": *", "", what) }
      print ".TH \"" toupper(name) "\" 1 \"\" \"saker " version "\" \"User Commands\""
      print ".SH NAME"; print quoted(name) " \\- " quoted(what)
      if (foreign) { print ".SH SYNOPSIS"; print ".B " quoted(substr($0, 8)); print ".SH DESCRIPTION"; print ".nf" }
      next
    }
    foreign { print quoted($0); next }
    /^Usage: / { print ".SH SYNOPSIS"; print ".B " quoted(substr($0, 8)); next }
    !block && /^[^ ].*:$/ || /^Examples:$/ {
      close_block()
      section = toupper(substr($0, 1, length($0) - 1))
      print ".SH " section
      if (section == "EXAMPLES") { print ".RS 2"; print ".nf"; block = 1 }
      next
    }
    block && /^[^ ]/ { close_block(); print ".SH NOTES" ; section = "NOTES" }
    block { sub(/^  /, ""); print quoted($0); next }
    /^[^ ]/ && section !~ /NOTES|DESCRIPTION/ {
      if (section == "") { print ".SH DESCRIPTION"; section = "DESCRIPTION" } else { print ".SH NOTES"; section = "NOTES" }
    }
    section != "NOTES" && /^  [^ ]/ {
      line = substr($0, 3)
      at = match(line, /   *[^ ]/)
      if (!at && line ~ /^-/ && substr(line, 28, 1) == " ") at = 28  # a flag that fills its column
      print ".TP"
      if (at) { print ".B " quoted(substr(line, 1, at - 1)); line = substr(line, at); sub(/^ */, "", line); print quoted(line) }
      else print ".B " quoted(line)
      next
    }
    /^ *$/ { if (section ~ /NOTES|DESCRIPTION/) print ".PP"; next }
    { sub(/^ */, ""); print quoted($0) }
    END { close_block() }' | gzip -9n >"$out/$1.1.gz"
}

# entries SECTION: the first words of that list in the help on stdin.
entries() { awk -v section="$1:" '$0 == section { on = 1; next } /^[^ ]/ { on = 0 } on && /^  [a-z]/ { print $1 }'; }
# what NAME: what a list of the help on stdin says of it.
what() { awk -v name="$1" '/^  / && $1 == name { sub(/^ *[^ ]+ +/, ""); print; exit }'; }

overview=$("$saker" --help)
page saker saker <<<"$overview"
for command in $(entries Commands <<<"$overview"); do
  help=$("$saker" "$command" --help 2>/dev/null) || continue  # a program that was not built
  page "saker-$command" "saker $command" "$(what "$command" <<<"$overview")" <<<"$help"
  for verb in $(entries Verbs <<<"$help"); do
    "$saker" "$command" "$verb" --help | page "saker-$command-$verb" "saker $command $verb"
  done
done

# Completion of saker's commands and flags for bash. It asks the command itself (--help), so it knows what is installed.
# shellcheck shell=bash

_saker_words() {  # WORD...: the commands, verbs and flags that `saker WORD... --help` lists
  "${COMP_WORDS[0]/#\~/$HOME}" "$@" --help 2>/dev/null | awk '
    /^(Commands|Verbs):$/ { names = 1; next }
    /^[^ ]/ { names = 0 }
    names && /^  [a-z]/ { print $1 }
    /^  -/ {
      sub(/^  /, ""); sub(/  .*/, "")
      count = split($0, parts, / *, */)
      for (i = 1; i <= count; ++i) if (parts[i] ~ /^-/) { sub(/ .*/, "", parts[i]); print parts[i] }
    }'
}

_saker() {
  local current=${COMP_WORDS[COMP_CWORD]} i
  local -a command=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD && i < 3; ++i)); do
    [[ ${COMP_WORDS[i]} == [a-z]* ]] || break
    if ((i == 2)) && [[ ${command[0]} != data && ${command[0]} != help ]]; then break; fi
    command+=("${COMP_WORDS[i]}")
  done
  if [[ ${command[0]:-} == help ]]; then
    if ((COMP_CWORD == 2)); then mapfile -t COMPREPLY < <(compgen -W "$(_saker_words)" -- "$current"); fi
    return
  fi
  if [[ $current == -* ]] || ((COMP_CWORD == 1)) || [[ ${command[0]} == data && $COMP_CWORD == 2 ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_saker_words "${command[@]}")" -- "$current")
  fi
}

complete -o default -F _saker saker

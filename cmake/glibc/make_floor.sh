#!/usr/bin/env bash
# Makes a folder that programs and shared objects are linked against as if this machine had an older glibc, so that they
# run on machines that have that one or any later:
#
#   make_floor.sh VERSION OUT        e.g. make_floor.sh 2.28 build/glibc-2.28, then link with -B build/glibc-2.28
#
# glibc keeps every symbol under every version that it once had. The stand-ins in OUT (no code, only names) list this
# machine's symbols under the last version that is not above VERSION, so the linker can bind to no later one; what has
# only later versions is missing there, and comes from missing.c or the link fails and says so. In versions before 2.34
# threads and dlopen were libraries of their own; the names tell which functions lived there.
# Why, and what was checked: docs/decisions/2026-11-29-wheels.md.
set -euo pipefail

floor=${1:?usage: make_floor.sh VERSION OUT}
out=$(mkdir -p "${2:?usage: make_floor.sh VERSION OUT}" && cd "$2" && pwd)
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cc=${CC:-gcc}

# Where the linker would take a library from: gcc says it, and the linker scripts name the rest.
system=$(dirname "$("$cc" -print-file-name=libc.so)")
runtime=$(dirname "$("$cc" -print-file-name=libc.so.6)")

# symbols LIBRARY... -> lines "version name type size value library", the last version up to the floor of each name
symbols() {
  local library
  for library in "$@"; do
    readelf -W --dyn-syms "$library" | awk -v floor="$floor" '
      function number(version,  parts) { split(version, parts, "."); return parts[1] * 10000 + parts[2] * 100 + parts[3] }
      $7 ~ /^[0-9]+$/ && $4 ~ /^(FUNC|IFUNC|OBJECT|NOTYPE)$/ && $8 ~ /@GLIBC_[0-9.]+$/ {
        name = $8; sub(/@.*/, "", name)
        version = $8; sub(/.*@GLIBC_/, "", version)
        if (number(version) > number(floor) || (name in best && number(best[name]) >= number(version))) next
        best[name] = version
        rest[name] = ($4 == "OBJECT" ? "object " $3 " " $2 : "function 0 0")
      }
      END { for (name in best) print best[name], name, rest[name] }'
  done | LC_ALL=C sort -k1,1V -k2,2
}

# stand_in FILE SONAME < symbols: a shared library that has these names and nothing behind them. Names of one piece of
# data stay together, because a program's copy of it must stand for all of them.
stand_in() {
  local file=$1 soname=$2 work
  work=$(mktemp -d)
  cat >"$work/symbols"
  {
    echo .text
    awk '$3 == "function" { printf ".globl %s\n.type %s,@function\n%s:\n", $2, $2, $2 }' "$work/symbols"
    echo hlt
    echo .bss
    awk '$3 == "object"' "$work/symbols" | LC_ALL=C sort -k5,5 -k4,4n | awk '
      $5 != at && NR > 1 { print ".zero " size }
      $5 != at { print ".balign 64"; at = $5 }
      { printf ".globl %s\n.type %s,@object\n.size %s,%d\n%s:\n", $2, $2, $2, $4, $2; size = $4 }
      END { if (NR) print ".zero " size }'
    echo '.section .note.GNU-stack,"",@progbits'
  } >"$work/names.s"
  awk '
    $1 != version { if (NR > 1) print "};"; print "GLIBC_" $1 " { global:"; version = $1 }
    { print "  " $2 ";" }
    END { print "};" }' "$work/symbols" >"$work/versions"
  "$cc" -c -o "$work/names.o" "$work/names.s"
  "$cc" -shared -nostdlib -Wl,-soname,"$soname" -Wl,--version-script="$work/versions" -o "$out/$file" "$work/names.o"
  rm -r "$work"
}

threads='^(pthread_|__pthread_|sem_)'
loader='^dl(open|sym|vsym|close|error|addr|addr1|info|mopen)$'
realtime='^(shm_|mq_|aio_|lio_|timer_(create|delete|settime|gettime|getoverrun)$)'
# Of libraries that nothing here uses.
elsewhere='^(thrd_|mtx_|cnd_|tss_|call_once|_*res_|_*ns_|_*dn_|getaddrinfo_a|gai_(cancel|error|suspend)|openpty|forkpty|log(in|out|wtmp))'

all=$(symbols "$runtime/libc.so.6")
of() { awk -v in_="$1" -v out_="${2:-^$}" '$2 ~ in_ && $2 !~ out_' <<<"$all"; }
of . "$threads|$loader|$realtime|$elsewhere" | stand_in libc.so.6 libc.so.6
of "$threads" | stand_in libpthread.so libpthread.so.0
of "$loader" | stand_in libdl.so libdl.so.2
of "$realtime" | stand_in librt.so librt.so.1
symbols "$runtime/libm.so.6" | stand_in libm.so libm.so.6
symbols "$("$cc" -print-file-name=ld-linux-x86-64.so.2)" | stand_in ld-linux-x86-64.so.2 ld-linux-x86-64.so.2

"$cc" -O2 -fPIC -ffunction-sections -fdata-sections -Wall -Wextra -Werror -c -o "$out/missing.o" "$here/missing.c"
rm -f "$out/libmissing.a"
ar rcs "$out/libmissing.a" "$out/missing.o"
"$cc" -O2 -fPIC -Wall -Wextra -Werror -fno-builtin -c -o "$out/Scrt1.o" "$here/start.c"
cp "$out/Scrt1.o" "$out/crt1.o"

cat >"$out/libc.so" <<SCRIPT
OUTPUT_FORMAT(elf64-x86-64)
GROUP ( $out/libc.so.6 $out/libmissing.a $system/libc_nonshared.a
        AS_NEEDED ( $out/libpthread.so $out/libdl.so $out/librt.so $out/ld-linux-x86-64.so.2 ) )
SCRIPT

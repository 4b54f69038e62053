# A bare Debian in a folder, to install things in; sourced. Needs root, debootstrap and a network.
#   bare_ready                    whether this machine can
#   bare_root SUITE FOLDER        a fresh root filesystem; the downloaded one is kept in build/bare/SUITE
#   bare_run FOLDER COMMAND...    runs it there, with /proc and a network of its own environment
# shellcheck shell=bash

bare_ready() { [ "$(id -u)" -eq 0 ] && command -v debootstrap >/dev/null && unshare --mount --pid --fork true 2>/dev/null; }

bare_mirror() {
  awk '/^URIs:/ { print $2; exit } /^deb / { print $2; exit }' /etc/apt/sources.list.d/debian*.sources \
    /etc/apt/sources.list 2>/dev/null
}

bare_root() {
  local suite=$1 root=$2 template=build/bare/$1
  if [ ! -e "$template/complete" ]; then
    rm -rf --one-file-system "$template"
    mkdir -p "$template"
    debootstrap --variant=minbase --include=ca-certificates "$suite" "$template" "$(bare_mirror)" >"$template.log" 2>&1 ||
      { tail -n 5 "$template.log"; return 1; }
    touch "$template/complete"
  fi
  rm -rf --one-file-system "$root"
  cp -a "$template" "$root"
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
  cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
}

bare_run() {
  local root=$1
  shift
  # shellcheck disable=SC2016 # expanded by the inner shell
  env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    unshare --mount --pid --fork bash -c 'mount -t proc proc "$1/proc" && exec chroot "$1" "${@:2}"' bash "$root" "$@"
}

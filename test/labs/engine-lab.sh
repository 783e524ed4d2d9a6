#!/usr/bin/env bash
# Docker Engines of other versions beside the machine's own, from Debian's packages: each in a mount, network and PID
# namespace of its own, on this machine's kernel and cgroups.
#
#   engine-lab.sh up SUITE             start the Engine of that Debian release (made on first use); prints its DOCKER_HOST
#   engine-lab.sh load SUITE IMAGE...  copy images of this machine's Engine into it, as far as it lacks them
#   engine-lab.sh run SUITE CMD...     run a command with DOCKER_HOST set and in its network namespace, where its bridges are
#                                      and the ports that its containers publish on loopback
#   engine-lab.sh down SUITE           stop it; its images stay
#   engine-lab.sh destroy              remove everything
#
# SUITE is bookworm (Engine 20.10), trixie (26.1) or sid (28.5 or newer). Needs root, on Debian or Ubuntu.
# ENGINE_LAB (default /var/lib/berth-engines) holds everything: about 1 GB for each, and the images.
set -euo pipefail

LAB=${ENGINE_LAB:-/var/lib/berth-engines}
BRIDGE=berth-lab0
NETWORK=10.99.0
TABLE=berth_lab

die() { echo "engine-lab: $*" >&2; exit 1; }
say() { echo "engine-lab: $*" >&2; }

number_of() {
  case $1 in
    bookworm) echo 2 ;; trixie) echo 3 ;; sid) echo 4 ;;
    *) die "there is no Engine of \"$1\": bookworm, trixie or sid" ;;
  esac
}

install_tools() {
  local missing=()
  command -v debootstrap > /dev/null || missing+=(debootstrap debian-archive-keyring)
  command -v ip > /dev/null || missing+=(iproute2)
  command -v nft > /dev/null || missing+=(nftables)
  command -v curl > /dev/null || missing+=(curl)
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
}

# ---------------------------------------------------------------------------------------------------------------- build

build() {
  local suite=$1 root=$LAB/root-$1 log=$LAB/build-$1.log base=$1
  [ -x "$root/usr/sbin/dockerd" ] && return
  install_tools
  mkdir -p "$LAB"; rm -rf "$root.part"
  say "making the root of $suite, see $log"
  # Sid by upgrade: its bootstrap is often broken.
  [ "$suite" = sid ] && base=trixie
  debootstrap --variant=minbase "$base" "$root.part" > "$log" 2>&1 || die "debootstrap failed, see $log"
  cp /etc/resolv.conf "$root.part/etc/resolv.conf"
  [ "$suite" = sid ] && sed "s/ trixie / sid /" "$root.part/etc/apt/sources.list" > "$root.part/etc/apt/sources.list.d/sid.list"
  printf '#!/bin/sh\nexit 101\n' > "$root.part/usr/sbin/policy-rc.d"; chmod +x "$root.part/usr/sbin/policy-rc.d"
  # A mirror may be a snapshot of some day.
  chroot "$root.part" apt-get -o Acquire::Check-Valid-Until=false update -q >> "$log" 2>&1 &&
    DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$root.part" apt-get install -y -q --no-install-recommends -t "$suite" \
      docker.io iptables iproute2 procps ca-certificates >> "$log" 2>&1 || die "installing docker.io failed, see $log"
  mv "$root.part" "$root"
}

# -------------------------------------------------------------------------------------------------------------- network

# The labs reach what this machine reaches. A Docker host drops what it forwards, unless told otherwise.
connect_labs() {
  if ! ip link show "$BRIDGE" > /dev/null 2>&1; then
    ip link add "$BRIDGE" type bridge
    ip addr add "$NETWORK.1/24" dev "$BRIDGE"
    ip link set "$BRIDGE" up
  fi
  echo 1 > /proc/sys/net/ipv4/ip_forward
  nft -f - <<RULES
table ip $TABLE
delete table ip $TABLE
table ip $TABLE {
  chain postrouting { type nat hook postrouting priority srcnat; ip saddr $NETWORK.0/24 oifname != "$BRIDGE" masquerade; }
}
RULES
  local rule
  for rule in "-i $BRIDGE" "-o $BRIDGE"; do
    # shellcheck disable=SC2086
    command -v iptables > /dev/null && { iptables -C FORWARD $rule -j ACCEPT 2> /dev/null || iptables -I FORWARD $rule -j ACCEPT; }
  done
}

disconnect_labs() {
  local rule
  for rule in "-i $BRIDGE" "-o $BRIDGE"; do
    # shellcheck disable=SC2086
    command -v iptables > /dev/null && iptables -D FORWARD $rule -j ACCEPT 2> /dev/null || true
  done
  nft delete table ip "$TABLE" 2> /dev/null || true
  ip link del "$BRIDGE" 2> /dev/null || true
}

connect() {
  local suite=$1 n; n=$(number_of "$suite")
  connect_labs
  ip netns add "berth-$suite" 2> /dev/null || true
  ip link del "berth-lab$n" 2> /dev/null || true
  ip link add "berth-lab$n" type veth peer name eth0 netns "berth-$suite"
  ip link set "berth-lab$n" master "$BRIDGE" up
  ip -n "berth-$suite" link set lo up
  ip -n "berth-$suite" addr add "$NETWORK.$n/24" dev eth0
  ip -n "berth-$suite" link set eth0 up
  ip -n "berth-$suite" route add default via "$NETWORK.1"
}

# ----------------------------------------------------------------------------------------------------------- on and off

socket_of() { echo "$LAB/$1/sock/docker.sock"; }
answers() { curl -fs -m 2 --unix-socket "$(socket_of "$1")" http://engine/_ping > /dev/null 2>&1; }
version_of() { curl -fs -m 5 --unix-socket "$(socket_of "$1")" http://engine/version | sed 's/.*"Version":"\([0-9][^"]*\)","ApiVersion.*/\1/'; }

up() {
  local suite=$1 dir=$LAB/$1 n; n=$(number_of "$suite")
  [ "$(id -u)" = 0 ] || die 'it needs root'
  if ! answers "$suite"; then
    build "$suite"
    install_tools
    mkdir -p "$dir/sock" "$dir/data" "$dir/upper" "$dir/work" "$dir/merged"
    connect "$suite"
    cat > "$dir/boot.sh" <<BOOT
set -e
mount --make-rprivate /
mount -t overlay overlay -o lowerdir=$LAB/root-$suite,upperdir=$dir/upper,workdir=$dir/work $dir/merged
cd $dir/merged
mount -t proc proc proc; mount --rbind /sys sys; mount --rbind /dev dev
mount -t tmpfs tmpfs run; mkdir -p run/sock var/lib/docker old
mount --bind $dir/data var/lib/docker; mount --bind $dir/sock run/sock
pivot_root . old; umount -l /old
# Nothing of the environment here: a TMPDIR is not there.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root dockerd --host unix:///run/sock/docker.sock --exec-root /run/docker --pidfile /run/docker.pid --bip 172.$((20 + n)).0.1/24
BOOT
    setsid nsenter --net="/run/netns/berth-$suite" unshare --mount --pid --fork --kill-child bash "$dir/boot.sh" > "$dir/log" 2>&1 < /dev/null &
    echo $! > "$dir/pid"
    local _
    for _ in $(seq 240); do
      answers "$suite" && break
      kill -0 "$(cat "$dir/pid")" 2> /dev/null || break
      sleep 0.25
    done
    answers "$suite" || { tail -n 15 "$dir/log" >&2; die "the Engine of $suite did not come up, see $dir/log"; }
  fi
  say "$suite is Engine $(version_of "$suite")"
  echo "unix://$(socket_of "$suite")"
}

run() { local suite=$1; shift; ip netns exec "berth-$suite" env "DOCKER_HOST=unix://$(socket_of "$suite")" "$@"; }

load() {
  local suite=$1 image query=; shift
  for image in "$@"; do
    curl -fs --unix-socket "$(socket_of "$suite")" "http://engine/images/$image/json" > /dev/null && continue
    curl -fs --unix-socket /var/run/docker.sock "http://engine/images/$image/json" > /dev/null || { say "this machine's Engine has no $image"; continue; }
    query+="&names=$image"
  done
  [ -n "$query" ] || return 0
  say "copying images to $suite"
  curl -fsS --unix-socket /var/run/docker.sock "http://engine/images/get?${query#&}" |
    curl -fsS --unix-socket "$(socket_of "$suite")" -H 'Content-Type: application/x-tar' -H 'Expect:' -X POST -T - 'http://engine/images/load?quiet=1' > /dev/null
}

down() {
  local suite=$1 dir=$LAB/$1 pid child _
  pid=$(cat "$dir/pid" 2> /dev/null || true)
  # The file may be from before a reboot, and the number somebody else's by now.
  if [ -n "$pid" ] && grep -qsF "$dir/boot.sh" "/proc/$pid/cmdline"; then
    # dockerd is the first process of its namespace, the child of what waits for it here.
    for child in $(cat "/proc/$pid/task/$pid/children"); do kill -TERM "$child" 2> /dev/null || true; done
    for _ in $(seq 120); do kill -0 "$pid" 2> /dev/null || break; sleep 0.25; done
    kill -KILL "$pid" 2> /dev/null || true
  fi
  ip link del "berth-lab$(number_of "$suite")" 2> /dev/null || true
  ip netns del "berth-$suite" 2> /dev/null || true
  rm -f "$(socket_of "$suite")" "$dir/pid"
  ip netns list | grep -qE '^berth-(bookworm|trixie|sid)\b' || disconnect_labs
}

destroy() {
  local suite
  for suite in bookworm trixie sid; do down "$suite"; done
  rm -rf "$LAB"
}

case ${1:-} in
  build | up | down) "$1" "${2:?SUITE}" ;;
  run | load) "$@" ;;
  destroy) destroy ;;
  *) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac

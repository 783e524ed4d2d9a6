#!/usr/bin/env bash
# A whole Debian machine in QEMU: systemd, cgroup v2, AppArmor and Debian's Docker Engine 26, as nearly all users have them.
# engine-lab.sh gives other Engines on this machine's kernel and control groups; this gives another machine.
#
#   vm-lab.sh build                 make the root file system and the base disk once (2 minutes, 2 GB)
#   vm-lab.sh boot                  start the machine and wait until its Engine answers; goes on with the disk of last time
#   vm-lab.sh exec CMD...           run a command in it as root, with its exit code (no CMD: a shell); stdin is passed on
#   vm-lab.sh images DIRECTORY      gives its Engine what an Engine of the same version keeps there, such as one of engine-lab.sh;
#                                   neither may run
#   vm-lab.sh status | log          is it up, and what is it; the serial console
#   vm-lab.sh down | cut            switch it off properly; pull the plug
#   vm-lab.sh reset                 throw away what is on its disk since then
#   vm-lab.sh destroy               remove everything
#
# Its Engine is at DOCKER_HOST=unix://$VM_LAB/docker.sock while it is up: tests and servers that run here, at full speed,
# can work with it. What they cannot reach are ports that containers publish on its loopback.
#
# Settings, by environment (defaults in brackets):
#   VM_LAB      [/var/lib/berth-vm]  holds everything; one machine for each such directory, with ports of its own
#   VM_ACCEL    [tcg]            kvm where it works. Emulated, Python takes 20 times as long as on the real machine
#   VM_CPUS     [2]              VM_MEMORY [4096] (MB)      VM_DISK [20G] (sparse)
#   VM_SSH      [2222]           port on 127.0.0.1 for exec and its Engine
#   VM_KERNEL_ARGS []            e.g. apparmor=0
#
# Needs root, on Debian or Ubuntu. The machine reaches what this one reaches (user networking), with the certificates that
# were added here; nothing reaches it but ssh from here.
set -euo pipefail

VM_LAB=${VM_LAB:-/var/lib/berth-vm}
VM_ACCEL=${VM_ACCEL:-tcg} VM_CPUS=${VM_CPUS:-2} VM_MEMORY=${VM_MEMORY:-4096} VM_DISK=${VM_DISK:-20G}
VM_SSH=${VM_SSH:-2222} VM_KERNEL_ARGS=${VM_KERNEL_ARGS:-}

BOOT_SECONDS=1200
PACKAGES="systemd systemd-sysv dbus udev openssh-server linux-image-cloud-amd64 initramfs-tools zstd
  iproute2 iptables procps ca-certificates docker.io docker-cli apparmor"

die() { echo "vm-lab: $*" >&2; exit 1; }
say() { echo "vm-lab: $*" >&2; }

# ---------------------------------------------------------------------------------------------------------------- build

install_tools() {
  local missing=()
  command -v debootstrap > /dev/null || missing+=(debootstrap debian-archive-keyring)
  command -v qemu-system-x86_64 > /dev/null || missing+=(qemu-system-x86)
  command -v qemu-img > /dev/null || missing+=(qemu-utils)
  command -v mkfs.ext4 > /dev/null || missing+=(e2fsprogs)
  command -v ssh-keygen > /dev/null || missing+=(openssh-client)
  command -v curl > /dev/null || missing+=(curl)
  command -v python3 > /dev/null || missing+=(python3)
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
}

# Every package is installed here, at full speed, in a chroot; the emulated machine only boots.
build() {
  [ -e "$VM_LAB/base.raw" ] && { say "$VM_LAB/base.raw is there; destroy first to make it anew"; return; }
  install_tools
  mkdir -p "$VM_LAB"
  local root=$VM_LAB/root log=$VM_LAB/build.log
  rm -rf "$root"
  say "debootstrap trixie, see $log"
  debootstrap --variant=minbase trixie "$root" > "$log" 2>&1 || die "debootstrap failed, see $log"
  configure "$root"
  say 'installing packages'
  # In a mount namespace of their own, so that whatever happens nothing stays mounted.
  # shellcheck disable=SC2086
  unshare --mount bash -euc '
    root=$1; shift
    mount -t proc proc "$root/proc"; mount -t devtmpfs dev "$root/dev" || mount --bind /dev "$root/dev"
    chroot "$root" apt-get update -q
    DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 chroot "$root" apt-get install -y -q --no-install-recommends "$@"
    chroot "$root" update-ca-certificates
  ' build "$root" $PACKAGES >> "$log" 2>&1 || die "installing packages failed, see $log"
  finish "$root"
  # Booted directly, without a boot loader.
  cp "$root"/boot/vmlinuz-* "$VM_LAB/vmlinuz"
  cp "$root"/boot/initrd.img-* "$VM_LAB/initrd"
  say 'making the disk'
  truncate -s "$VM_DISK" "$VM_LAB/base.part"
  mkfs.ext4 -q -F -L root -d "$root" "$VM_LAB/base.part" >> "$log" 2>&1 || die "mkfs.ext4 failed, see $log"
  mv "$VM_LAB/base.part" "$VM_LAB/base.raw"
  rm -rf "$root"
  say "built $VM_LAB/base.raw"; du -h "$VM_LAB/base.raw"
}

# What the packages find when they are installed.
configure() {
  local root=$1
  printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"; chmod +x "$root/usr/sbin/policy-rc.d"
  # A mirror may be a snapshot of some day.
  echo 'Acquire::Check-Valid-Until "false";' > "$root/etc/apt/apt.conf.d/90lab"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  # What was added to this machine's trust, such as a proxy's certificate, the other one needs too.
  mkdir -p "$root/usr/local/share/ca-certificates"
  find /usr/local/share/ca-certificates -name '*.crt' -exec cp {} "$root/usr/local/share/ca-certificates/" \; 2>/dev/null || true
  # The initrd holds what the disk needs, and nothing else: it is unpacked under emulation.
  mkdir -p "$root/etc/initramfs-tools/conf.d"
  printf 'MODULES=list\nCOMPRESS=zstd\n' > "$root/etc/initramfs-tools/conf.d/lab"
  printf 'virtio_pci\nvirtio_blk\next4\n' > "$root/etc/initramfs-tools/modules"
}

finish() {
  local root=$1
  rm -f "$root/usr/sbin/policy-rc.d"
  rm -rf "$root"/var/cache/apt/archives/*.deb
  echo berth-vm > "$root/etc/hostname"
  printf '127.0.0.1 localhost berth-vm\n::1 localhost\n' > "$root/etc/hosts"
  printf '/dev/vda / ext4 defaults,noatime 0 0\n' > "$root/etc/fstab"
  # The addresses are those of QEMU's user network.
  echo 'nameserver 10.0.2.3' > "$root/etc/resolv.conf"
  printf '[Match]\nName=en* eth*\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' > "$root/etc/systemd/network/lab.network"
  chroot "$root" systemctl enable systemd-networkd.service ssh.service docker.service > /dev/null 2>&1
  # Nobody needs them, and each costs seconds of an emulated CPU.
  chroot "$root" systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
    dpkg-db-backup.timer fstrim.timer man-db.timer systemd-networkd-wait-online.service > /dev/null 2>&1
  # The Engine loads its own profile; those of desktop programs take minutes.
  chroot "$root" systemctl mask apparmor.service > /dev/null 2>&1
  # A root shell on the serial console, for when ssh does not answer; `log` shows what is printed there.
  mkdir -p "$root/etc/systemd/system/serial-getty@ttyS0.service.d"
  printf '[Service]\nExecStart=\nExecStart=-/sbin/agetty --autologin root --noclear %%I vt220\n' > "$root/etc/systemd/system/serial-getty@ttyS0.service.d/autologin.conf"
  rm -f "$VM_LAB/key" "$VM_LAB/key.pub"; ssh-keygen -q -t ed25519 -N '' -C berth-vm -f "$VM_LAB/key"
  mkdir -p -m 700 "$root/root/.ssh"; cp "$VM_LAB/key.pub" "$root/root/.ssh/authorized_keys"; chmod 600 "$root/root/.ssh/authorized_keys"
  # Host keys are random numbers of this root; ssh is told not to look at them, as the port belongs to us alone.
  touch "$root/etc/default/locale"
  printf 'UseDNS no\nMaxSessions 100\nMaxStartups 100\nAcceptEnv *\n' > "$root/etc/ssh/sshd_config.d/lab.conf"
}

# ----------------------------------------------------------------------------------------------------------- on and off

# The file may be from before a reboot, and the number somebody else's by now.
running() { [ -s "$VM_LAB/pid" ] && grep -qsF "$VM_LAB/disk.qcow2" "/proc/$(cat "$VM_LAB/pid")/cmdline"; }

boot() {
  if running; then
    say "it runs, pid $(cat "$VM_LAB/pid")"
    curl -fs -m 60 --unix-socket "$VM_LAB/docker.sock" http://engine/_ping > /dev/null || engine_socket
    return
  fi
  [ -e "$VM_LAB/base.raw" ] || die "there is no $VM_LAB/base.raw: vm-lab.sh build"
  [ -e "$VM_LAB/docker.raw" ] || die "there is no $VM_LAB/docker.raw: vm-lab.sh images"
  [ -e "$VM_LAB/disk.qcow2" ] || qemu-img create -q -f qcow2 -F raw -b "$VM_LAB/base.raw" "$VM_LAB/disk.qcow2"
  [ -e "$VM_LAB/docker.qcow2" ] || qemu-img create -q -f qcow2 -F raw -b "$VM_LAB/docker.raw" "$VM_LAB/docker.qcow2"
  local accel=$VM_ACCEL cpu=host
  # la57: a fifth level of page tables, which emulated is only slower.
  if [ "$VM_ACCEL" = tcg ]; then accel=tcg,thread=multi; cpu=max,la57=off; fi
  echo "$VM_SSH" > "$VM_LAB/ssh-port"
  # cache=unsafe: the guest's fsync does not reach this machine's disk. It survives `cut`, not this machine's own end.
  nice -n 5 qemu-system-x86_64 -name berth-vm -machine q35 -accel "$accel" -cpu "$cpu" -smp "$VM_CPUS" -m "$VM_MEMORY" \
    -kernel "$VM_LAB/vmlinuz" -initrd "$VM_LAB/initrd" -append "root=/dev/vda rw console=ttyS0 net.ifnames=0 systemd.default_device_timeout_sec=900 systemd.mount-extra=/dev/vdb:/var/lib/docker:ext4:noatime,x-systemd.device-timeout=900 $VM_KERNEL_ARGS" \
    -drive "file=$VM_LAB/disk.qcow2,if=virtio,format=qcow2,cache=unsafe,discard=unmap" \
    -drive "file=$VM_LAB/docker.qcow2,if=virtio,format=qcow2,cache=unsafe,discard=unmap" \
    -netdev "user,id=net,ipv6=off,hostfwd=tcp:127.0.0.1:$VM_SSH-:22" -device virtio-net-pci,netdev=net -device virtio-rng-pci \
    -display none -no-reboot -serial "file:$VM_LAB/console.log" -monitor "unix:$VM_LAB/monitor,server,nowait" \
    -daemonize -pidfile "$VM_LAB/pid" || die 'QEMU did not start'
  local begun=$SECONDS
  until ssh_ -o ConnectTimeout=5 -o BatchMode=yes true 2>/dev/null; do
    running || die "it ended while it booted, see $VM_LAB/console.log"
    [ $((SECONDS - begun)) -lt $BOOT_SECONDS ] || die "no ssh after $BOOT_SECONDS s, see $VM_LAB/console.log"
    sleep 1
  done
  say "ssh after $((SECONDS - begun)) s; waiting for the Engine"
  ssh_ 'until docker version > /dev/null 2>&1; do systemctl is-failed -q docker && exit 1; sleep 1; done' || die 'its Engine did not start: vm-lab.sh exec journalctl -u docker'
  engine_socket
  say "up after $((SECONDS - begun)) s"
  status
}

# A connection of its own, as the shared one is closed when nobody has used it for a while; it ends with the machine.
engine_socket() {
  rm -f "$VM_LAB/docker.sock"
  setsid nohup ssh -q -N -i "$VM_LAB/key" -p "$VM_SSH" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ControlPath=none \
    -o ServerAliveInterval=30 -o ServerAliveCountMax=20 -o ExitOnForwardFailure=yes \
    -L "$VM_LAB/docker.sock:/var/run/docker.sock" root@127.0.0.1 > /dev/null 2>&1 < /dev/null &
  for _ in $(seq 100); do [ -S "$VM_LAB/docker.sock" ] && return; sleep 0.2; done
  say 'its Engine is not to be had from here'
}

status() {
  running || { echo down; return 1; }
  ssh_ 'echo "up: $(. /etc/os-release; echo "$PRETTY_NAME"), kernel $(uname -r), $(stat -fc %T /sys/fs/cgroup), $(docker info -f "Engine {{.ServerVersion}}, cgroup v{{.CgroupVersion}}, {{.CgroupDriver}} driver, {{.Driver}}, {{.SecurityOptions}}")"'
}

down() {
  running || { say 'it does not run'; return; }
  ssh_ -o ConnectTimeout=10 'systemctl poweroff' 2>/dev/null || monitor system_powerdown
  for _ in $(seq 120); do running || { rm -f "$VM_LAB/pid"; return; }; sleep 1; done
  say 'it does not go down: pulling the plug'; unplug
}

unplug() {
  running || { say 'it does not run'; return; }
  kill -KILL "$(cat "$VM_LAB/pid")"
  while running; do sleep 0.1; done
  rm -f "$VM_LAB/pid"
}

monitor() { python3 -c 'import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall((sys.argv[2] + "\n").encode())' "$VM_LAB/monitor" "$1"; }

# --------------------------------------------------------------------------------------------------------- work with it

# One connection is kept open for a while, as a new one costs an emulated CPU a second.
ssh_() {
  ssh -q -i "$VM_LAB/key" -p "$(cat "$VM_LAB/ssh-port")" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
    -o ControlMaster=auto -o ControlPath="$VM_LAB/ssh-%C" -o ControlPersist=60 -o ServerAliveInterval=30 root@127.0.0.1 "$@"
}

# Through the shell there, as ssh does: quote once for it.
exec_() { running || die 'it does not run: vm-lab.sh boot'; ssh_ "$@"; }

# A disk of its own for what the Engine keeps: copied as files, at full speed.
images() {
  running && die 'it runs: vm-lab.sh down'
  rm -f "$VM_LAB/docker.qcow2"
  truncate -s "$VM_DISK" "$VM_LAB/docker.part"
  mkfs.ext4 -q -F -L docker -d "$1" "$VM_LAB/docker.part"
  mv "$VM_LAB/docker.part" "$VM_LAB/docker.raw"
}

reset() { running && die 'it runs: vm-lab.sh down'; rm -f "$VM_LAB/disk.qcow2" "$VM_LAB/docker.qcow2"; }
destroy() { running && unplug; rm -rf "$VM_LAB"; }

case ${1:-} in
  build | boot | status | down | reset | destroy) "$1" ;;
  cut) unplug ;;
  exec | ssh) shift; exec_ "$@" ;;
  images) images "${2:?DIRECTORY}" ;;
  log) cat "$VM_LAB/console.log" ;;
  *) sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0"; exit 2 ;;
esac

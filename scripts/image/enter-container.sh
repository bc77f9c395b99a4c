#!/usr/bin/env bash
# PID 1 of fresh namespaces until it becomes the image's entry point, as scripts/image/container.ts has it: the image's
# root mounted read-only, directories to write to, a network of its own. All of it ends with the namespaces.
#   enter-container.sh ROOT UID GID LINK HOST_ADDRESS ADDRESS WRITABLE... -- PROGRAM [WORD...]
# File descriptor 3 is the host's network namespace. A line on 4 says that the network is up; then it waits for a line
# on standard input.
set -euo pipefail
root=$1 uid=$2 gid=$3 link=$4 host_address=$5 address=$6
shift 6

on_host() { nsenter --net=/proc/self/fd/3 "$@"; }
ip link add eth0 type veth peer name "$link"
ip link set "$link" netns /proc/self/fd/3
on_host ip address add "$host_address" dev "$link"
on_host ip link set "$link" up
ip address add "$address" dev eth0
ip link set eth0 up
ip link set lo up
echo up >&4
read -r
exec </dev/null 3<&- 4>&-

mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
for number_and_name in 0:stdin 1:stdout 2:stderr; do
  ln -s "/proc/self/fd/${number_and_name%:*}" "$root/dev/${number_and_name#*:}"
done
while [[ $1 != -- ]]; do
  mount -t tmpfs -o "mode=750,uid=$uid,gid=$gid" tmpfs "$root$1"
  shift
done
shift

# setpriv last: a change of user clears the signal that ends this process together with the one that started it.
exec chroot --userspec="$uid:$gid" --groups="$gid" "$root" setpriv --pdeathsig KILL -- "$@"

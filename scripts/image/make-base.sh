#!/usr/bin/env bash
# Makes what the Dockerfile starts FROM where no registry can be reached: Debian by mmdebstrap, and Node.js, npm and the
# user `node` where the official image has them. scripts/image/base-image.ts runs it in namespaces of its own, so that
# its mounts end with it.
#   make-base.sh IMAGE KEPT_AS RELEASE NODE NPM SOURCE... -- BUILDAH...
set -euo pipefail
image=$1 kept_as=$2 release=$3 node=$4 npm=$5
shift 5
sources=()
while [[ $1 != -- ]]; do
  sources+=("$1")
  shift
done
shift
buildah=("$@")

container=$("${buildah[@]}" from scratch)
trap '"${buildah[@]}" rm "$container" >/dev/null' EXIT
root=$("${buildah[@]}" mount "$container")
# As in Debian's slim images: no documents, neither of these packages nor of those to come, and no service starts.
mmdebstrap --mode=root --variant=minbase --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/man/*' "$release" "$root" "${sources[@]}" >&2
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
# The build brings its own sources; these may be of a mirror that only this machine reaches.
rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*

install -m 755 "$node" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules"
cp -rL "$npm" "$root/usr/local/lib/node_modules/npm"
chown -R 0:0 "$root/usr/local/lib/node_modules"
for command in npm npx; do
  ln -s "../lib/node_modules/npm/bin/$command-cli.js" "$root/usr/local/bin/$command"
done
chroot "$root" groupadd --gid 1000 node
chroot "$root" useradd --uid 1000 --gid node --shell /bin/bash --create-home node

"${buildah[@]}" umount "$container" >/dev/null
"${buildah[@]}" config --cmd node \
  --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
"${buildah[@]}" commit --quiet "$container" "$image" >&2
"${buildah[@]}" tag "$image" "$kept_as"

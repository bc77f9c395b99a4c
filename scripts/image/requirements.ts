import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian's package of each program that builds or starts the image. */
const packageOf = {
  buildah: 'buildah',
  chroot: 'coreutils',
  flock: 'util-linux',
  ip: 'iproute2',
  mmdebstrap: 'mmdebstrap',
  mount: 'mount',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  tar: 'tar',
  unshare: 'util-linux',
} as const

/** Throws with the next step when this machine can't build or start an image. */
export function requireImageTools(): void {
  const docker = 'with a Docker engine, run: docker build .'
  if (process.platform !== 'linux') throw new Error(`npm run image needs Linux; elsewhere, ${docker}`)
  if (process.getuid?.() !== 0) throw new Error(`npm run image mounts file systems: run it as root; or ${docker}`)
  const missing = Object.entries(packageOf).filter(([program]) => !isInstalled(program))
  if (missing.length === 0) return
  const packages = [...new Set(missing.map(([, name]) => name))].join(' ')
  const programs = missing.map(([program]) => program).join(', ')
  throw new Error(`npm run image needs ${programs}; run: apt-get install -y --no-install-recommends ${packages}`)
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Debian's package for each program that the system tests run. */
const packageOf: Readonly<Record<string, string>> = {
  'redis-server': 'redis-server',
  'redis-cli': 'redis-tools',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  amtool: 'prometheus-alertmanager',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'prometheus-blackbox-exporter': 'prometheus-blackbox-exporter',
  nginx: 'nginx-light',
  faketime: 'faketime',
  buildah: 'buildah',
  mmdebstrap: 'mmdebstrap',
  ip: 'iproute2',
  chromium: 'chromium',
  'prometheus-postgres-exporter': 'prometheus-postgres-exporter',
}

/** While this program says 101, installing a package starts no service (Debian policy, 9.3.3.1). */
const policyPath = '/usr/sbin/policy-rc.d'

/** Installs what is missing, once, before the first system test. */
export function setup(): void {
  const missing = Object.keys(packageOf).filter((program) => !isInstalled(program))
  if (missing.length === 0) return
  const packages = [...new Set(missing.map((program) => packageOf[program] ?? program))]
  const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() !== 0) {
    throw new Error(`the system tests need ${missing.join(', ')}; as root, run: ${command}`)
  }
  const ownPolicy = !existsSync(policyPath)
  if (ownPolicy) writeFileSync(policyPath, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${command} ended with ${status}:\n${`${stdout}${stderr}`.slice(-2_000)}`)
  } finally {
    if (ownPolicy) rmSync(policyPath)
  }
}

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((directory) => existsSync(join(directory, program)))
}

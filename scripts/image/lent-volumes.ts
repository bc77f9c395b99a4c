import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aptSources, type DebianMirror } from './debian-mirror.ts'
import { run } from './run.ts'

/** Mounted read-only while the image is built, and in no layer of it. */
export type Volume = readonly [from: string, to: string]

/** How apt and npm reach their sources from this machine. The directories in the image exist there, and are empty. */
export async function lentVolumes(
  workDirectory: string,
  options: { mirror: DebianMirror; release: string; signal?: AbortSignal | undefined },
): Promise<Volume[]> {
  const apt = join(workDirectory, 'apt')
  await mkdir(apt)
  await writeFile(join(apt, 'debian.list'), `${aptSources(options.mirror, options.release).join('\n')}\n`)
  const npm = join(workDirectory, 'npm')
  await mkdir(npm)
  await writeFile(join(npm, 'npmrc'), await npmSettings(npm, options.signal))
  return [
    [apt, '/etc/apt/sources.list.d'],
    [npm, npmDirectory],
  ]
}

/** Where an npm below /usr/local looks for its global settings. */
const npmDirectory = '/usr/local/etc'

/** This machine's global ones. The certificate authorities that it trusts, if more than the usual, come along. */
async function npmSettings(directory: string, signal: AbortSignal | undefined): Promise<string> {
  const file = (await run(['npm', 'config', 'get', 'globalconfig'], signal)).trim()
  const settings = existsSync(file) ? await readFile(file, 'utf8') : ''
  const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE } = process.env
  const authorities = /^cafile\s*=\s*(\S+)$/m.exec(settings)?.[1] ?? NODE_EXTRA_CA_CERTS ?? SSL_CERT_FILE
  if (authorities === undefined) return settings
  await copyFile(authorities, join(directory, 'authorities.pem'))
  return `${settings.replace(/^cafile\b.*$/m, '')}\ncafile=${npmDirectory}/authorities.pem\n`
}

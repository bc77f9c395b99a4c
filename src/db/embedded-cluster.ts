import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chown, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Account, canEnter } from './embedded-account.ts'
import { hasCode, on } from './system-error.ts'

/** A data directory with the password of its superuser beside it. */
export interface Cluster {
  readonly dataDir: string
  readonly password: string
}

interface ClusterOptions {
  readonly directory: string
  readonly account: Account | undefined
  readonly initdb: string
  /** Wait until the new files are on the disk. */
  readonly sync: boolean
}

/** The cluster below `directory`, made by initdb if there is none. A start that was killed half-way leaves none. */
export async function openCluster({ directory, account, initdb, sync }: ClusterOptions): Promise<Cluster> {
  const home = await reachableHome(directory, account)
  const cluster = join(home, 'cluster')
  await removeUnfinished(home)
  let password = await readPassword(cluster)
  if (password === undefined) {
    await createCluster(home, cluster, { account, initdb, sync })
    password = await readPassword(cluster)
  }
  if (password === undefined) throw new Error(`embedded Postgres: ${cluster}/password is missing; remove ${cluster}`)
  return { dataDir: join(cluster, 'data'), password }
}

/** `directory` itself, or a stand-in below the temporary directory where the server's account can't enter it. */
async function reachableHome(directory: string, account: Account | undefined): Promise<string> {
  const wished = resolve(directory)
  await mkdir(wished, { recursive: true, mode: 0o700 })
  if (account === undefined) return wished
  await chown(wished, account.uid, account.gid)
  if (await canEnter(account, wished)) return wished

  const hash = createHash('sha256').update(wished).digest('hex').slice(0, 16)
  const standIn = join(tmpdir(), `medio-postgres-data-${hash}`)
  await mkdir(standIn, { mode: 0o700 }).then(() => chown(standIn, account.uid, account.gid), on(['EEXIST'], undefined))
  // Security: in a shared temporary directory somebody else may have made the name first.
  const found = await lstat(standIn)
  if (found.uid !== account.uid || !found.isDirectory() || (found.mode & 0o077) !== 0) {
    throw new Error(`embedded Postgres: ${standIn} is not ${account.name}'s own directory; remove it and start again`)
  }
  return standIn
}

/** initdb works below a name of this process, and one rename makes data and password appear together. */
async function createCluster(home: string, cluster: string, options: Omit<ClusterOptions, 'directory'>): Promise<void> {
  const { account, initdb, sync } = options
  const unfinished = join(home, `initdb-${process.pid}-${randomBytes(4).toString('hex')}`)
  const passwordFile = join(unfinished, 'password')
  await mkdir(unfinished, { mode: 0o700 })
  await writeFile(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 })
  if (account !== undefined) {
    await chown(unfinished, account.uid, account.gid)
    await chown(passwordFile, account.uid, account.gid)
  }
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`]
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const manner = ['--no-instructions', ...(sync ? [] : ['--no-sync'])]
  try {
    await promisify(execFile)(initdb, ['-D', join(unfinished, 'data'), ...access, ...locale, ...manner], {
      ...(account && { uid: account.uid, gid: account.gid }),
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
    })
    await rename(unfinished, cluster)
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true })
    // Another process was first: its cluster is ours too.
    if (hasCode(cause, 'ENOTEMPTY', 'EEXIST')) return
    const output = cause instanceof Error && 'stderr' in cause ? `: ${String(cause.stderr).trim()}` : ''
    throw new Error(`embedded Postgres: initdb failed in ${unfinished}${output}`, { cause })
  }
}

async function readPassword(cluster: string): Promise<string | undefined> {
  return readFile(join(cluster, 'password'), 'utf8').catch(on(['ENOENT'], undefined))
}

async function removeUnfinished(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    const pid = /^initdb-(\d+)-/.exec(name)?.[1]
    if (pid !== undefined && Number(pid) !== process.pid && !isAlive(Number(pid))) {
      await rm(join(home, name), { recursive: true, force: true, maxRetries: 3 })
    }
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

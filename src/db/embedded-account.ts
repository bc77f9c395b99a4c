import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'

/** The operating system's user that runs the embedded server. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/**
 * Postgres refuses to run as root, so root lends it a user that every system has, and makes none.
 * Undefined: run as the caller.
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = users.find(([user]) => user === wanted) ?? []
    if (name !== undefined && Number(uid) > 0 && Number(gid) > 0) return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('embedded Postgres: refuses root, and there is no user postgres or nobody; set DATABASE_URL instead')
}

/** Asks the kernel instead of reading mode bits: file systems have more rules than those. */
export async function canEnter(account: Account, path: string): Promise<boolean> {
  const { uid, gid } = account
  const probe = spawn('/bin/sh', ['-c', 'test -x "$0"', path], { uid, gid, cwd: '/', stdio: 'ignore' })
  const [code] = await once(probe, 'exit')
  return code === 0
}

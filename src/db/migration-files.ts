import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface MigrationFile {
  /** Without the ending, as it is recorded in the database: 0001_name. */
  readonly name: string
  readonly text: string
  readonly sha256: string
}

/** NNNN_name.sql; anything else that ends in .sql is a slip and an error. */
const fileName = /^\d{4}_[a-z0-9_]+\.sql$/

/** In the order in which they run. */
export async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  for (const [index, name] of names.entries()) {
    if (!fileName.test(name)) throw new Error(`migrations: ${name} is not named NNNN_name.sql; rename it`)
    if (names[index - 1]?.slice(0, 4) === name.slice(0, 4)) {
      throw new Error(`migrations: ${names[index - 1]} and ${name} have the same number; give the newer one the next`)
    }
  }
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(directory, name), 'utf8')
      return { name: name.slice(0, -'.sql'.length), text, sha256: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

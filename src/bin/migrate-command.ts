import { readEnv, toConfig } from '../config.ts'
import { migrate } from '../db/migrate.ts'
import { ConfigError } from '../errors.ts'
import type { Command } from './medio.ts'
import { migrationsDirectory } from './migrations-directory.ts'

/** `medio migrate`: Fly's release command. */
export const migrateCommand: Command = async () => {
  try {
    const { url } = toConfig(readEnv(process.env)).database
    if (url === undefined) throw new ConfigError(['DATABASE_URL is not set; medio migrate needs the server to migrate'])
    const { applied } = await migrate({ databaseUrl: url, directory: migrationsDirectory, log: () => undefined })
    const done = applied.length === 0 ? 'nothing to do' : `applied ${applied.join(', ')}`
    process.stdout.write(`migrate: ${done}\n`)
    return 0
  } catch (error) {
    process.stderr.write(`migrate: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof ConfigError ? 2 : 1
  }
}

import { fileURLToPath } from 'node:url'

/** Beside src/ and beside dist/: the bundle keeps the depth of the sources (scripts/build.ts). */
export const migrationsDirectory = fileURLToPath(new URL('../../migrations', import.meta.url))

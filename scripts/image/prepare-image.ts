import { homedir } from 'node:os'
import { join } from 'node:path'
import { baseImageOf, ensureBaseImage } from './base-image.ts'
import { type BuildFacts, type BuiltImage, buildImage } from './build-image.ts'
import { debianMirror } from './debian-mirror.ts'
import { lockStore } from './lock-store.ts'
import { requireImageTools } from './requirements.ts'
import { openStore } from './store.ts'

const projectRoot = join(import.meta.dirname, '../..')

/**
 * The image of this checkout, built from its Dockerfile without a Docker engine. `workDirectory` is the caller's to
 * remove; the base image and the downloads of npm are kept below the user's cache directory for the next time.
 */
export async function prepareImage(options: {
  workDirectory: string
  facts: BuildFacts
  onStep?: (step: 'base image' | 'image', detail: string) => void
  signal?: AbortSignal
}): Promise<BuiltImage> {
  const { workDirectory, facts, onStep, signal } = options
  requireImageTools()
  const base = await baseImageOf(join(projectRoot, 'Dockerfile'))
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'medio-backend', 'image')
  await using _lock = await lockStore(cache)
  const store = await openStore(cache, join(workDirectory, 'buildah'), signal)
  // What a build that was killed left behind.
  await store.buildah(['rm', '--all'])
  const mirror = await debianMirror(signal)
  const made = await ensureBaseImage(store, base, mirror, signal)
  const baseSize = await store.size(`localhost/${base.name}`)
  onStep?.(
    'base image',
    `${base.name}, ${baseSize}, ${made ? 'made of Debian packages' : 'kept from an earlier build'}`,
  )
  const image = await buildImage(store, { context: projectRoot, workDirectory, base, mirror, facts, signal })
  await store.buildah(['rmi', '--prune'])
  onStep?.('image', `${image.size} with its base`)
  return image
}

import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import type { BaseImage } from './base-image.ts'
import type { DebianMirror } from './debian-mirror.ts'
import { type ImageConfig, readImageConfig } from './image-config.ts'
import { lentVolumes } from './lent-volumes.ts'
import type { Store } from './store.ts'

export interface BuiltImage {
  /** A directory with the root file system. */
  readonly root: string
  readonly config: ImageConfig
  /** Of all layers, for people. */
  readonly size: string
}

/** What the build is told of its sources; it ends in labels and in the environment. */
export interface BuildFacts {
  readonly version: string
  readonly commit: string
  readonly buildDate: string
}

const tag = 'localhost/medio-backend'

/** Builds `context` by its Dockerfile, with nothing pulled. `workDirectory` gets the root file system. */
export async function buildImage(
  store: Store,
  options: {
    context: string
    workDirectory: string
    base: BaseImage
    mirror: DebianMirror
    facts: BuildFacts
    signal?: AbortSignal | undefined
  },
): Promise<BuiltImage> {
  const { context, workDirectory, base, mirror, facts, signal } = options
  const root = join(workDirectory, 'root')
  const volumes = await lentVolumes(workDirectory, { mirror, release: base.release, signal })
  const buildArguments = [`VERSION=${facts.version}`, `COMMIT=${facts.commit}`, `BUILD_DATE=${facts.buildDate}`]
  await store.buildah([
    ...['build', '--isolation', 'chroot', '--network', 'host', '--pull=never', '--tag', tag],
    ...volumes.flatMap(([from, to]) => ['--volume', `${from}:${to}:ro`]),
    ...buildArguments.flatMap((argument) => ['--build-arg', argument]),
    ...['--output', `type=local,dest=${root}`, context],
  ])
  // The directory itself is in no layer.
  await chmod(root, 0o755)
  const config = readImageConfig(await store.buildah(['inspect', '--type', 'image', tag]))
  return { root, config, size: await store.size(tag) }
}

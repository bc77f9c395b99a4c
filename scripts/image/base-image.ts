import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aptSources, type DebianMirror } from './debian-mirror.ts'
import { contained, run } from './run.ts'
import type { Store } from './store.ts'

/** What the Dockerfile starts from. */
export interface BaseImage {
  readonly name: string
  readonly release: string
}

const recipe = join(import.meta.dirname, 'make-base.sh')

/** The base that the Dockerfile names; it must be of the Node.js that the lock file pins, which runs this. */
export async function baseImageOf(dockerfile: string): Promise<BaseImage> {
  const text = await readFile(dockerfile, 'utf8')
  const version = /^ARG NODE_VERSION=(\S+)$/m.exec(text)?.[1]
  const release = /^FROM node:\$\{NODE_VERSION\}-([a-z]+)-slim\b/m.exec(text)?.[1]
  if (version === undefined || release === undefined) {
    throw new Error(`${dockerfile} does not start FROM node:\${NODE_VERSION}-RELEASE-slim; put that back`)
  }
  if (`v${version}` !== process.version) {
    throw new Error(`${dockerfile} has Node.js ${version}, this is ${process.version}; run npm ci, or pin the same one`)
  }
  return { name: `node:${version}-${release}-slim`, release }
}

/** Makes the base if the store has none of this recipe; resolves with whether it had to. */
export async function ensureBaseImage(
  store: Store,
  { name, release }: BaseImage,
  mirror: DebianMirror,
  signal?: AbortSignal,
): Promise<boolean> {
  // What a short name means to buildah as long as it asks no registry.
  const image = `localhost/${name}`
  const recipeHash = createHash('sha256')
    .update(await readFile(recipe))
    .digest('hex')
  const keptAs = `${image}-${recipeHash.slice(0, 12)}`
  if (await store.has(keptAs)) return false
  const npm = join((await run(['npm', 'root', '--global'], signal)).trim(), 'npm')
  const words = [image, keptAs, release, process.execPath, npm, ...aptSources(mirror, release)]
  await run([...contained, recipe, ...words, '--', ...store.command], signal)
  return true
}

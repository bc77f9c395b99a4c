import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { contained, run } from './run.ts'

/** Where buildah keeps images and layers: a directory of ours, apart from any other store of the machine. */
export interface Store {
  readonly driver: 'overlay' | 'vfs'
  /** Runs buildah on this store; with its words behind it. */
  readonly command: readonly string[]
  buildah(words: readonly string[]): Promise<string>
  has(image: string): Promise<boolean>
  /** All layers together, for people: "237 MB". */
  size(image: string): Promise<string>
}

/** `directory` is kept for the next time, `runDirectory` belongs to this one. */
export async function openStore(directory: string, runDirectory: string, signal?: AbortSignal): Promise<Store> {
  // Where buildah puts the downloads that the Dockerfile asks it to keep.
  const temporary = join(directory, 'tmp')
  await mkdir(temporary, { recursive: true })
  const commandFor = (driver: Store['driver']) => [
    ...['env', `TMPDIR=${temporary}`, 'buildah', '--storage-driver', driver],
    ...['--root', join(directory, driver), '--runroot', join(runDirectory, driver)],
  ]
  const driver = await run([...contained, ...commandFor('overlay'), 'info'], signal).then(
    () => 'overlay' as const,
    // On an overlay itself, as in most containers: whole copies then, slower but the same image.
    () => 'vfs' as const,
  )
  const command = commandFor(driver)
  const buildah = (words: readonly string[]) => run([...contained, ...command, ...words], signal)
  const find = async (image: string) => {
    const images = JSON.parse(await buildah(['images', '--json'])) as { names: string[] | null; size: string }[]
    return images.find(({ names }) => names?.some((name) => name === image || name === `${image}:latest`))
  }
  return {
    driver,
    command,
    buildah,
    has: async (image) => (await find(image)) !== undefined,
    size: async (image) => (await find(image))?.size ?? 'absent',
  }
}

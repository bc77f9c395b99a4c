import { lstatSync, readdirSync, type Stats } from 'node:fs'
import { join } from 'node:path'

export interface ImageFile {
  /** As in the image: "/app/nginx.conf". */
  readonly path: string
  readonly stats: Stats
}

/** Every file, directory and link of an image whose root file system is at `root`. No link is followed. */
export function imageFiles(root: string, directory = '/'): ImageFile[] {
  return readdirSync(join(root, directory)).flatMap((name) => {
    const path = join(directory, name)
    const stats = lstatSync(join(root, path))
    return [{ path, stats }, ...(stats.isDirectory() ? imageFiles(root, path) : [])]
  })
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Deployment } from './deployment.ts'
import { readDockerfile } from './dockerfile.ts'
import { effectiveConfig, effectiveEnvironment } from './effective-environment.ts'
import { readFlyToml } from './fly-toml.ts'
import { measuredStartFile, readMeasuredStart } from './measured-start.ts'
import { readNginxConf } from './nginx-conf.ts'
import { readWatch } from './read-watch.ts'
import type { Problem } from './rule.ts'

export type Reading =
  | { readonly kind: 'missing'; readonly files: readonly string[] }
  | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] }
  | { readonly kind: 'read'; readonly deployment: Deployment }

/** Reads what has to agree from a project's root. What the code says of itself comes from the code that runs this. */
export function readDeployment(directory: string): Reading {
  const textOf = (file: string) => readIfThere(join(directory, file))
  const flyText = textOf('fly.toml')
  const nginxText = textOf('nginx.conf')
  const fly = readFlyToml('fly.toml', flyText ?? '')
  const dockerfile = fly.value?.values.build?.dockerfile ?? 'Dockerfile'
  const imageText = textOf(dockerfile)
  if (flyText === undefined || nginxText === undefined || imageText === undefined) {
    const texts = { 'fly.toml': flyText, [dockerfile]: imageText, 'nginx.conf': nginxText }
    return { kind: 'missing', files: Object.keys(texts).filter((file) => texts[file] === undefined) }
  }
  const image = readDockerfile(dockerfile, imageText)
  const nginx = readNginxConf('nginx.conf', nginxText)
  if (fly.problems !== undefined || image.problems !== undefined || nginx.problems !== undefined) {
    const problems = [fly, image, nginx].flatMap((read) => read.problems ?? [])
    return { kind: 'unreadable', problems }
  }
  const environment = effectiveEnvironment(image.value, fly.value)
  const config = effectiveConfig(environment)
  const watch = readWatch(directory)
  if (config.problems !== undefined || watch.problems !== undefined) {
    return { kind: 'unreadable', problems: [config, watch].flatMap((read) => read.problems ?? []) }
  }
  return {
    kind: 'read',
    deployment: {
      fly: fly.value,
      image: image.value,
      nginx: nginx.value,
      environment,
      config: config.value,
      measuredStart: readMeasuredStart(textOf(measuredStartFile)),
      watch: watch.value,
    },
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

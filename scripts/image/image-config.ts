/** What an image says of how it wants to be run (https://github.com/opencontainers/image-spec/blob/main/config.md). */
export interface ImageConfig {
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly user: string
  readonly uid: number
  readonly gid: number
  readonly workingDirectory: string
  readonly ports: readonly string[]
  readonly stopSignal: NodeJS.Signals
}

/** `inspected`: what `buildah inspect --type image` writes. */
export function readImageConfig(inspected: string): ImageConfig {
  const { config } = (JSON.parse(inspected) as { OCIv1: { config: OciConfig } }).OCIv1
  const [uid, gid] = config.User.split(':').map(Number)
  if (!uid || !gid) {
    throw new Error(
      `the image's USER is "${config.User}"; give the Dockerfile a user and a group by number, not root's`,
    )
  }
  return {
    entrypoint: config.Entrypoint,
    command: config.Cmd,
    env: Object.fromEntries(config.Env.map(nameAndValue)),
    labels: config.Labels,
    user: config.User,
    uid,
    gid,
    workingDirectory: config.WorkingDir,
    ports: Object.keys(config.ExposedPorts),
    stopSignal: config.StopSignal,
  }
}

interface OciConfig {
  readonly User: string
  readonly Env: readonly string[]
  readonly Entrypoint: readonly string[]
  readonly Cmd: readonly string[]
  readonly WorkingDir: string
  readonly Labels: Readonly<Record<string, string>>
  readonly StopSignal: NodeJS.Signals
  readonly ExposedPorts: Readonly<Record<string, object>>
}

function nameAndValue(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return [pair.slice(0, at), pair.slice(at + 1)]
}

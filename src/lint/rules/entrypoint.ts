import { posix } from 'node:path'
import type { Dockerfile, StartCommand } from '../dockerfile.ts'
import type { FlyToml } from '../fly-toml.ts'
import type { Finding, Located, Rule } from '../rule.ts'

const inits = ['tini', 'dumb-init', 'catatonit']
/** Where scripts/build.ts puts it. */
const supervisor = 'dist/bin/supervise'

/** ENTRYPOINT is an init and nothing else, CMD is the supervisor and nothing else, and fly.toml overrides neither. */
export const entrypoint: Rule = {
  name: 'entrypoint',
  why: 'the init passes signals on and reaps, and a release command replaces CMD and keeps the ENTRYPOINT',
  check({ fly, image }) {
    return [...entrypointFindings(image), ...commandFindings(image), ...overrides(fly)]
  },
}

function entrypointFindings(image: Dockerfile): Finding[] {
  const next = 'Write: ENTRYPOINT ["tini", "-s", "--"]'
  if (image.entrypoint === undefined) return [{ at: image.at, what: 'the image has no ENTRYPOINT', next }]
  const { at, value } = image.entrypoint
  const [program = '', ...words] = value.words
  const isAlone = inits.includes(posix.basename(program)) && words.every((word) => word.startsWith('-'))
  if (isAlone && value.isExecForm) return []
  return [{ at, what: `ENTRYPOINT is ${shown(image.entrypoint)}, which is not an init alone`, next }]
}

function commandFindings(image: Dockerfile): Finding[] {
  const next = `Write: CMD ["/app/${supervisor}"]`
  if (image.command === undefined) return [{ at: image.at, what: 'the image has no CMD', next }]
  const { at, value } = image.command
  const [program = '', ...words] = value.words
  if (program.endsWith(`/${supervisor}`) && words.length === 0 && value.isExecForm) return []
  return [{ at, what: `CMD is ${shown(image.command)}, which is not the supervisor`, next }]
}

function overrides(fly: FlyToml): Finding[] {
  const { processes = {}, experimental = {} } = fly.values
  const next = 'Take it out: the image says what runs'
  return [
    ...Object.keys(processes).map((name) => ({
      at: fly.at('processes', name),
      what: `[processes] ${name} takes the place of CMD`,
      next,
    })),
    ...(['cmd', 'entrypoint', 'exec'] as const)
      .filter((key) => experimental[key] !== undefined)
      .map((key) => ({ at: fly.at('experimental', key), what: `[experimental] ${key} overrides the image`, next })),
  ]
}

const shown = ({ value }: Located<StartCommand>) =>
  value.isExecForm ? JSON.stringify(value.words) : `the shell command "${value.words.join(' ')}"`

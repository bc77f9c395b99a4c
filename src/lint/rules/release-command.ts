import { posix } from 'node:path'
import type { Rule } from '../rule.ts'

/** The release command is `medio migrate`. It takes the place of CMD, so the ENTRYPOINT must leave it alone. */
export const releaseCommand: Rule = {
  name: 'release-command',
  why: 'production never migrates at start, so new code would meet the old schema',
  check({ fly }) {
    const at = fly.at('deploy', 'release_command')
    const next = 'Write: release_command = "medio migrate"'
    const command = fly.values.deploy?.release_command
    if (command === undefined) return [{ at, what: 'deploy has no release_command', next }]
    const [program = '', ...words] = command.trim().split(/\s+/)
    if (posix.basename(program) === 'medio' && words.join(' ') === 'migrate') return []
    return [{ at, what: `release_command is "${command}", which does not migrate`, next }]
  },
}

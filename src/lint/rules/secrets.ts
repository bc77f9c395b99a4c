import { secretNames } from '../../config.ts'
import type { Finding, Place, Rule } from '../rule.ts'

const looksSecret = /(?:TOKEN|SECRET|PASSWORD|PASSWD|PRIVATE_KEY|API_KEY)/

/** No secret stands in a file: neither in `[env]` and `[build.args]` of fly.toml nor in ENV and ARG of the Dockerfile. */
export const secrets: Rule = {
  name: 'secrets',
  why: 'everybody with the repository or the image can read it, for good',
  check({ fly, image }) {
    const known = new Set<string>(secretNames)
    const finding = (where: string, name: string, at: Place): Finding[] =>
      known.has(name) || looksSecret.test(name)
        ? [{ at, what: `${where} has ${name}, a secret`, next: `Take it out, then: fly secrets set ${name}=…` }]
        : []
    return [
      ...Object.keys(fly.values.env ?? {}).flatMap((name) => finding('[env]', name, fly.at('env', name))),
      ...Object.keys(fly.values.build?.args ?? {}).flatMap((name) =>
        finding('[build.args]', name, fly.at('build', 'args', name)),
      ),
      ...[...image.environment].flatMap(([name, { at }]) => finding('ENV', name, at)),
      ...[...image.buildArguments].flatMap(([name, { at }]) => finding('ARG', name, at)),
    ]
  },
}

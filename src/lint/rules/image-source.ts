import type { Rule } from '../rule.ts'

const others = ['image', 'builder', 'buildpacks', 'builtin', 'compose', 'build-target'] as const

/** What Fly deploys is the Dockerfile that is linted, and its last stage. */
export const imageSource: Rule = {
  name: 'image-source',
  why: 'all that holds of the Dockerfile says nothing of what runs',
  check({ fly }) {
    const build = fly.values.build ?? {}
    return others
      .filter((key) => build[key] !== undefined)
      .map((key) => ({
        at: fly.at('build', key),
        what: `[build] ${key} deploys something else than the last stage of the Dockerfile`,
        next: 'Take it out',
      }))
  },
}

import { readDeployment } from './read-deployment.ts'
import type { Problem } from './rule.ts'
import { rules } from './rules.ts'
import { applyWaivers, type WaivedProblem } from './waivers.ts'

export type LintReport =
  /** These files are not there, so there is nothing to hold against each other. */
  | { readonly kind: 'missing'; readonly files: readonly string[] }
  /** No rule could be applied. */
  | { readonly kind: 'unreadable'; readonly problems: readonly Problem[] }
  | { readonly kind: 'linted'; readonly problems: readonly Problem[]; readonly waived: readonly WaivedProblem[] }

/** Do fly.toml, Dockerfile, nginx.conf and the watch of this directory agree with each other and with this code? */
export function lint(directory: string): LintReport {
  const reading = readDeployment(directory)
  if (reading.kind !== 'read') return reading
  const { fly, image, nginx } = reading.deployment
  const found = rules.flatMap((rule) =>
    rule.check(reading.deployment).map((finding) => ({ ...finding, rule: rule.name, why: rule.why })),
  )
  const comments = [...fly.comments, ...image.comments, ...nginx.comments]
  const names = rules.map(({ name }) => name)
  return { kind: 'linted', ...applyWaivers(found, comments, names) }
}

/** One line for a person and for an editor that jumps to `file:line`. */
export function problemLine({ at, rule, what, why, next }: Problem): string {
  return `${at.file}:${at.line} ${rule}: ${what}${why === undefined ? '' : `; ${why}`}. ${next}`
}

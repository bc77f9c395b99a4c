import type { Comment, Place, Problem } from './rule.ts'

/** `# medio-lint: waive RULE because REASON` in a file: what RULE finds in that file is known and accepted. */
interface Waiver {
  readonly rule: string
  readonly reason: string
  readonly at: Place
}

export interface WaivedProblem extends Problem {
  readonly reason: string
}

const mark = /^medio-lint:/
const form = /^medio-lint: waive (\S+) because (\S.*)$/

/** Takes out what is waived. A waiver that can't be read or waives nothing is a problem itself. */
export function applyWaivers(
  found: readonly Problem[],
  comments: readonly Comment[],
  ruleNames: readonly string[],
): { readonly problems: Problem[]; readonly waived: WaivedProblem[] } {
  const faults: Problem[] = []
  const waivers: Waiver[] = []
  const fault = (at: Place, what: string, next: string) => faults.push({ rule: 'waiver', at, what, next })
  for (const { text, at } of comments.filter((comment) => mark.test(comment.text))) {
    const [, rule = '', reason = ''] = form.exec(text) ?? []
    if (rule === '') fault(at, `"${text}" is no waiver`, 'Write: # medio-lint: waive RULE because REASON')
    else if (!ruleNames.includes(rule)) fault(at, `there is no rule ${rule}`, `The rules are ${ruleNames.join(', ')}`)
    else waivers.push({ rule, reason, at })
  }
  const waiverOf = (problem: Problem) =>
    waivers.find(({ rule, at }) => rule === problem.rule && at.file === problem.at.file)
  for (const { rule, at } of waivers.filter((waiver) => !found.some((problem) => waiverOf(problem) === waiver))) {
    fault(at, `nothing is left to waive for ${rule}`, 'Take the waiver out')
  }
  const waived = found.flatMap((problem) => {
    const waiver = waiverOf(problem)
    return waiver === undefined ? [] : [{ ...problem, reason: waiver.reason }]
  })
  return { problems: [...found.filter((problem) => waiverOf(problem) === undefined), ...faults], waived }
}

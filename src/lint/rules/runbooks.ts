import type { Finding, Rule } from '../rule.ts'
import type { Runbook } from '../runbook.ts'

/** In the order in which a person needs them. */
const sections = ['Meaning', 'Check', 'Fix', 'Escalate']
/** Left out of the rules where all machines may sleep; its runbook waits for another profile. */
const dependsOnProfile = 'MetricsAbsent'

/** Every alert has a summary, a query and a runbook that is written, and no runbook is left of an alert that is gone. */
export const runbooks: Rule = {
  name: 'runbooks',
  why: 'whoever is woken by an alert without a runbook begins at nothing',
  check({ watch }) {
    const named = new Map(watch.runbooks.map((runbook) => [runbook.alert, runbook]))
    const alerts = new Set(watch.alerts.map(({ name }) => name))
    return [
      ...watch.alerts.flatMap(({ name, annotations, at }) => [
        ...['summary', 'query', 'runbook']
          .filter((annotation) => !annotations[annotation])
          .map((annotation) => ({
            at,
            what: `${name} has no ${annotation}`,
            next: `Add the annotation ${annotation}`,
          })),
        ...(annotations.runbook === undefined || annotations.runbook === `ops/runbooks/${name}.md`
          ? []
          : [
              { at, what: `the runbook of ${name} is ${annotations.runbook}`, next: `Name it ops/runbooks/${name}.md` },
            ]),
        ...(named.has(name)
          ? []
          : [
              { at, what: `${name} has no runbook`, next: `Write ops/runbooks/${name}.md; npm run generate begins it` },
            ]),
      ]),
      ...watch.runbooks.flatMap((runbook) => runbookFindings(runbook, alerts)),
    ]
  },
}

function runbookFindings({ alert, at, sections: found }: Runbook, alerts: ReadonlySet<string>): Finding[] {
  if (!alerts.has(alert) && alert !== dependsOnProfile)
    return [{ at, what: `there is no alert ${alert}`, next: 'Delete the runbook, or rename it' }]
  const names = [...found.keys()]
  const order =
    names.join() === sections.join()
      ? []
      : [{ at, what: `its sections are ${names.join(', ')}`, next: `Write ${sections.join(', ')}` }]
  const unwritten = [...found].filter(([, { value }]) => value.trim() === '' || /\bTODO\b/.test(value))
  return [
    ...order,
    ...unwritten.map(([name, { at: place }]) => ({ at: place, what: `${name} is not written`, next: 'Write it' })),
  ]
}

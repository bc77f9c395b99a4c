/** JUnit's XML as CI systems read it: one suite per population, one case per criterion. */
import { element, xmlText } from '../../charts/svg.ts'
import type { CriterionResult, Report } from '../report.ts'

/**
 * A broken criterion is a failure. One without data is an error, because a CI system must not take what is not known for
 * passed; where it does not decide, it is skipped.
 */
export function renderJunit({ target, criteria, from, to }: Report): string {
  const populations = [...new Set(criteria.map(({ population }) => population))]
  const seconds = from === null || to === null ? 0 : Math.max(0, Date.parse(to) - Date.parse(from)) / 1_000
  const suites = populations.map((population) => {
    const cases = criteria.filter((result) => result.population === population)
    const attributes = { name: `${target} (${population})`, ...totals(cases), time: String(seconds) }
    const dated = from === null ? {} : { timestamp: from.replace(/(\.\d+)?Z$/, '') }
    return element(
      'testsuite',
      { ...attributes, ...dated },
      `\n${cases.map((result) => testcase(target, result)).join('')}  `,
    )
  })
  const attributes = { name: 'medio monitor', ...totals(criteria), time: String(seconds) }
  const content = suites.map((suite) => `  ${suite}\n`).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', attributes, `\n${content}`)}\n`
}

function totals(results: readonly CriterionResult[]) {
  const count = (name: string) => results.filter((result) => outcome(result) === name).length
  return { tests: results.length, failures: count('failure'), errors: count('error'), skipped: count('skipped') }
}

function outcome({ verdict, decides }: CriterionResult): 'passed' | 'failure' | 'error' | 'skipped' {
  if (verdict === 'met') return 'passed'
  if (verdict === 'not_met') return 'failure'
  return decides ? 'error' : 'skipped'
}

function testcase(target: string, result: CriterionResult): string {
  const { id, population, target: bound, value, unit, verdict, evidence } = result
  const found = value === null ? 'not known' : `${value} ${unit}`
  const message = `${verdict}: ${found}, must be ${bound}: ${evidence}`
  const name = outcome(result)
  const content =
    name === 'passed'
      ? element('system-out', {}, xmlText(message))
      : element(
          name,
          name === 'skipped' ? { message } : { message, type: verdict },
          name === 'skipped' ? '' : xmlText(message),
        )
  const attributes = { classname: `${target}.${population}`, name: `${id} (${population})`, time: '0' }
  return `    ${element('testcase', attributes, content)}\n`
}

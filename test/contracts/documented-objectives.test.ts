import { expect, it } from 'vitest'
import { objectives } from '../../src/slo/objectives.ts'
import { readProjectFile } from './project-files.ts'

it('docs/status-page.md has target, alert and least number of events of every objective', () => {
  const rows = [
    ...readProjectFile('docs/status-page.md').matchAll(/^\| `(\w+)` \| ([\d.]+) % \| .* \| (\w+) \| ([\d,]+) \|$/gm),
  ]
  expect(rows.map(([, name, percent, alert, events]) => [name, Number(percent), alert, events])).toEqual(
    objectives.map(({ name, target, alert, minimumEvents }) => [
      name,
      Number((target * 100).toFixed(3)),
      alert,
      minimumEvents.toLocaleString('en'),
    ]),
  )
})

import { expect, it } from 'vitest'
import { reasonTexts } from '../../src/status/reason-texts.ts'
import { readProjectFile } from './project-files.ts'

it('the status page says of every reason code what docs/health-api.md says', () => {
  const [, table = ''] = readProjectFile('docs/health-api.md').split('| code | what happened | what to do now |\n')
  const lines = table.split('\n').slice(1)
  const rows = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('|')),
  )
  const documented = rows.map((row) => {
    const [code = '', happened, todo] = row
      .replace(/^\| (.*) \|$/, '$1')
      .replaceAll(/\[([^\]]+)\]\([^)]+\)/g, '$1')
      .split(' | ')
    return [code.replaceAll('`', ''), { happened, todo }]
  })
  expect(documented.length).toBeGreaterThan(0)
  expect(Object.entries(reasonTexts)).toEqual(documented)
})

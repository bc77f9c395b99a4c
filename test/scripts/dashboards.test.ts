import { describe, expect, it } from 'vitest'
import { objectives } from '../../src/slo/objectives.ts'
import { legendLabels, loadBoards } from '../support/dashboards.ts'

const boards = loadBoards()
const columns = 24

describe('every board', () => {
  it('is there under its own address, and links to the others', () => {
    expect(boards.map(({ name }) => name).toSorted()).toEqual([
      ...['cost', 'database', 'fleet', 'health', 'logs', 'objectives', 'service'],
    ])
    for (const { name, board } of boards) {
      expect({ uid: board.uid, tags: board.tags, links: board.links?.map(({ tags }) => tags) }).toEqual({
        uid: `medio-${name}`,
        tags: ['medio'],
        links: [['medio']],
      })
    }
  })

  it.each(boards)('explains each panel and gives it a unit: $name', ({ panels }) => {
    expect(panels.length).toBeGreaterThan(8)
    for (const { title, description = '', type, fieldConfig } of panels) {
      expect(description.length, title).toBeGreaterThan(25)
      if (type !== 'logs') expect(fieldConfig?.defaults?.unit, title).toMatch(/^\w+$/)
    }
  })

  it.each(boards)('numbers its panels, and lays them out without gap or overlap: $name', ({ board }) => {
    const all = board.panels ?? []
    expect(all.map(({ id }) => id)).toEqual(all.map((_, index) => index + 1))
    const taken = new Set<string>()
    for (const panel of all) {
      const { x, y, w, h } = panel.gridPos ?? { x: 0, y: 0, w: 0, h: 0 }
      expect(x + w, String(panel.title)).toBeLessThanOrEqual(columns)
      for (let cell = 0; cell < w * h; cell += 1) {
        const place = `${x + (cell % w)},${y + Math.floor(cell / w)}`
        expect(taken, `${panel.title} overlaps`).not.toContain(place)
        taken.add(place)
      }
    }
  })

  it.each(boards)('uses no variable that it does not have, nor a source of its own: $name', ({ board, queries }) => {
    const own = new Set(board.templating?.list?.map(({ name }) => name))
    const text = JSON.stringify([board.panels, board.annotations])
    const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name)
    const builtIn = ['__rate_interval', '__range', '__interval']
    expect([...new Set(used)].filter((name) => !own.has(name) && !builtIn.includes(name))).toEqual([])
    const sources = [...text.matchAll(/"uid":"([^"]+)"/g)].map(([, uid]) => uid)
    expect(new Set(sources)).toEqual(new Set([queries[0]?.source === 'loki' ? '$' + '{logs}' : '$' + '{datasource}']))
  })
})

describe('the board of the objectives', () => {
  it('has a row for each objective, with its target as the limit and its budget in the burn rate', () => {
    const board = boards.find(({ name }) => name === 'objectives')
    const rows = board?.board.panels?.filter(({ type }) => type === 'row').map(({ title }) => title)
    expect(rows).toEqual(objectives.map(({ title }) => title))
    const limits = board?.panels.filter(({ title }) => title?.endsWith(': good')).map(limitOf)
    expect(limits).toEqual(objectives.map(({ target }) => target))
    const burns = board?.queries.filter(({ where, legend }) => where.endsWith(': burn rate') && legend === '1h') ?? []
    const budgets = burns.map(({ expr }) => Number(expr.split(' / ').at(-1)))
    expect(budgets).toEqual([0.001, 0.01, 0.001, 0.001, 0.05])
  })
})

describe('annotations', () => {
  it('mark deployments and starts on every board of metrics, with labels that their queries keep', () => {
    for (const { board, queries } of boards.filter(({ name }) => name !== 'logs')) {
      expect(board.annotations?.list?.map(({ name }) => name)).toEqual(['Deployments', 'Starts and resumes'])
      const marks = queries.filter(({ where }) => where.includes('annotation'))
      expect(marks.map(({ legend }) => legendLabels(legend))).toEqual([
        ['version', 'commit'],
        ['kind', 'reason', 'instance'],
      ])
      for (const { expr, legend } of marks) {
        const kept = /^max by \(([^)]+)\)/.exec(expr)?.[1]?.split(', ') ?? []
        expect(legendLabels(legend).every((label) => kept.includes(label))).toBe(true)
      }
    }
  })
})

function limitOf({ fieldConfig }: (typeof boards)[number]['panels'][number]): number | null | undefined {
  return fieldConfig?.defaults?.thresholds?.steps.at(-1)?.value
}

import { expect, it } from 'vitest'
import { runPromtool } from './promtool.ts'

it('promtool passes a clean metric', () => {
  const text = '# HELP jobs_done_total Jobs done.\n# TYPE jobs_done_total counter\njobs_done_total 1\n'
  expect(runPromtool(text)).toEqual({ exitCode: 0, complaints: [] })
})

it('promtool names a counter that lacks its suffix and a text that is no metric', () => {
  const unsuffixed = runPromtool('# HELP jobs_done Jobs done.\n# TYPE jobs_done counter\njobs_done 1\n')
  expect(unsuffixed).toEqual({ exitCode: 3, complaints: ['jobs_done counter metrics should have "_total" suffix'] })
  expect(runPromtool('no metric at all\n').exitCode).toBe(1)
})

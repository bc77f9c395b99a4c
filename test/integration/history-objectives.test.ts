import pg from 'pg'
import { expect, it } from 'vitest'
import { startInProcess } from '../support/in-process-service.ts'
import { createTestDatabase } from '../support/postgres.ts'

it('what the objectives counted since the last full minute is written before a service ends', async () => {
  const database = await createTestDatabase()
  const observer = new pg.Client({ connectionString: database.url })
  await observer.connect()
  const service = await startInProcess({ DATABASE_URL: database.url, SELF_PROBE_INTERVAL_MS: '0' })
  for (let count = 0; count < 3; count++) expect((await fetch(`${service.url}/`)).status).toBe(200)
  await service[Symbol.asyncDispose]()
  const { rows } = await observer.query(
    `select objective, sum(good)::int as good, sum(total)::int as total from slo_minutes
     where objective = 'availability' group by objective`,
  )
  expect(rows).toEqual([{ objective: 'availability', good: 3, total: 3 }])
  await observer.end()
  await database.drop()
})

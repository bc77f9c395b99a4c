// Bare Express 5 and pg: default settings, one statement before it listens, as such apps do. BODY_FILE
import { readFileSync } from 'node:fs'
import express from 'express'
import pg from 'pg'

const body = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })
const app = express()
app.get(['/', '/api/health'], (_request, response) => {
  response.json(body)
})
app.get('/api/deployments', async (_request, response) => {
  const { rows } = await pool.query(
    'select version, commit, image_ref as "imageRef", at, source from deployments order by at desc, id desc limit 100',
  )
  response.json({ deployments: rows })
})
app.post('/api/deployments', express.json(), async (request, response) => {
  await pool.query(
    `insert into deployments (version, at, source) values ($1, now(), 'pipeline') on conflict do nothing`,
    [request.body.version],
  )
  response.json({ version: request.body.version })
})

pool.query('select 1').then(() => app.listen(process.env.SOCKET_PATH))
// Node.js keeps its compile cache at a normal exit only.
process.once('SIGTERM', () => process.exit(0))

// Bare Express 5: default settings, one handler, res.json of an object. PORT BODY_FILE
import { readFileSync } from 'node:fs'
import express from 'express'

const [port, bodyFile] = process.argv.slice(2)
const body = JSON.parse(readFileSync(bodyFile, 'utf8'))

express()
  .get(['/', '/api/health'], (_request, response) => {
    response.json(body)
  })
  .listen(Number(port), '127.0.0.1')

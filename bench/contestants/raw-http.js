// The limit: node:http, a body that was prepared before the first request. PORT BODY_FILE
// Plain JavaScript, because stripping types would be counted as start-up time.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [port, bodyFile] = process.argv.slice(2)
const body = readFileSync(bodyFile)
const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length }

createServer((_request, response) => {
  response.writeHead(200, headers)
  response.end(body)
}).listen(Number(port), '127.0.0.1')

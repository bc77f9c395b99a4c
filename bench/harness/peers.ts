/** The named peers, as servers that answer a given body. */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort, type HttpServer, startHttpServer } from './http-server.ts'
import type { Stage } from './stage.ts'

const { version: expressVersion } = createRequire(import.meta.url)('express/package.json') as { version: string }

export const rawHttp = `raw node:http, prepared body (Node ${process.versions.node})`
export const bareExpress = `bare Express ${expressVersion}, res.json`

const scripts: Readonly<Record<string, string>> = {
  [rawHttp]: peerScript('raw-http.js'),
  [bareExpress]: peerScript('express-json.js'),
}

/** Script and arguments of a peer on that port. */
export async function peerCommand(stage: Stage, peer: string, body: string, port: number): Promise<readonly string[]> {
  const script = scripts[peer]
  if (script === undefined) throw new Error(`${peer} is no HTTP peer`)
  const file = join(stage.directory, `${createHash('sha256').update(body).digest('hex')}.json`)
  await writeFile(file, body)
  return [script, String(port), file]
}

export async function startPeer(stage: Stage, peer: string, body: string): Promise<HttpServer> {
  const port = await freePort()
  return startHttpServer({ args: await peerCommand(stage, peer, body, port), port, readyPath: '/' })
}

function peerScript(name: string): string {
  return fileURLToPath(new URL(`../contestants/${name}`, import.meta.url))
}

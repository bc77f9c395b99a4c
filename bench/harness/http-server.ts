/** A server under test, as a process on the server core. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type NodeProcess, startNode } from './node-process.ts'
import { serverCore } from './pinning.ts'

export interface HttpServer extends NodeProcess {
  readonly origin: string
}

export interface HttpServerOptions {
  readonly args: readonly string[]
  readonly port: number
  readonly env?: Readonly<Record<string, string>>
  /** The path that answers 200 once the server may be measured. */
  readonly readyPath: string
}

export async function startHttpServer({ args, port, env, readyPath }: HttpServerOptions): Promise<HttpServer> {
  const node = await startNode({ core: serverCore, args, ...(env && { env }) })
  const origin = `http://127.0.0.1:${port}`
  try {
    await untilOk(`${origin}${readyPath}`, node)
  } catch (error) {
    await node[Symbol.asyncDispose]()
    throw error
  }
  return { ...node, origin }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('the kernel gave no port')
  return address.port
}

async function untilOk(url: string, { child }: NodeProcess): Promise<void> {
  const deadlineMs = performance.now() + 15_000
  let last: unknown
  while (performance.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`the server for ${url} ended with ${child.exitCode}`)
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) })
      last = `${answer.status} ${await answer.text()}`
      if (answer.ok) return
    } catch (error) {
      last = error
    }
    await pause(20)
  }
  throw new Error(`${url} did not answer 200 within 15 s; the last answer: ${last}`, { cause: last })
}

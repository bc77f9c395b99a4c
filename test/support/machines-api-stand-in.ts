import { createServer } from 'node:http'
import { listenOnLoopback } from './loopback-server.ts'

export interface ApiEvent {
  readonly type: string
  readonly status: string
  readonly source: 'user' | 'flyd'
  readonly timestamp: number
  readonly request?: object
}

export interface ApiMachine {
  readonly id: string
  readonly region: string
  readonly state: string
  readonly config?: object
  events: ApiEvent[]
}

/**
 * Fly's Machines API for one app, as it answers: https://docs.machines.dev. Events newest first, times in milliseconds;
 * without the right token 401, for another app 404, and 429 above one request a second once its burst of three is used.
 */
export async function startMachinesApi(options: {
  app: string
  token: string
  machines: ApiMachine[]
  /** The list has no events, each machine by itself has them. */
  shortList?: boolean
}) {
  const requests: string[] = []
  let failWith: number | undefined
  let allowance = 3
  let lastMs = performance.now()

  function takesOne(): boolean {
    const nowMs = performance.now()
    allowance = Math.min(3, allowance + (nowMs - lastMs) / 1_000)
    lastMs = nowMs
    if (allowance < 1) return false
    allowance -= 1
    return true
  }

  function answer(path: string, authorization: string | undefined): [statusCode: number, body: unknown] {
    if (authorization !== options.token) return [401, { error: 'unauthenticated' }]
    if (failWith !== undefined) return [failWith, { error: 'unavailable' }]
    if (!takesOne()) return [429, { error: 'rate limit exceeded' }]
    return show(path)
  }

  function show(path: string): [statusCode: number, body: unknown] {
    const [, app, id] = /^\/v1\/apps\/([\w-]+)\/machines(?:\/(\w+))?$/.exec(path) ?? []
    if (app !== options.app) return [404, { error: 'app not found' }]
    const shown = options.machines.map((machine) => ({ ...machine, events: machine.events.toReversed() }))
    if (id === undefined) return [200, options.shortList ? shown.map(({ events: _, ...rest }) => rest) : shown]
    const machine = shown.find((each) => each.id === id)
    return machine === undefined ? [404, { error: 'machine not found' }] : [200, machine]
  }

  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const [statusCode, body] = answer(request.url ?? '', request.headers.authorization)
    response.writeHead(statusCode, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  })
  const { port, close } = await listenOnLoopback(server)
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    requests: requests as readonly string[],
    fail(statusCode: number | undefined) {
      failWith = statusCode
    },
    close,
  }
}

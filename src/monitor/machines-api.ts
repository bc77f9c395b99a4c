import { pause } from './pause.ts'

/** A machine as the Machines API lists it: as much of it as is used. */
export interface FlyMachine {
  readonly id: string
  readonly region?: string
  readonly state: string
  /** Not read yet; see fly-events.ts. */
  readonly events: readonly unknown[]
}

export type MachinesAnswer = { readonly machines: readonly FlyMachine[] } | { readonly problem: string }

export interface MachinesApi {
  /** Every machine of the app that serves requests, with its last events. Never rejects. */
  machines(signal: AbortSignal): Promise<MachinesAnswer>
}

/** The API takes one request a second per action and app, and three at once at most. https://fly.io/docs/machines/api/working-with-machines-api/ */
const gapMs = 1_000
const timeoutMs = 10_000
const attemptsMax = 3

/** `baseUrl`: https://api.machines.dev, or http://_api.internal:4280 within Fly's private network. */
export function createMachinesApi(options: { baseUrl: URL; app: string; token: string }): MachinesApi {
  const { app } = options
  const headers = { authorization: authorizationOf(options.token), accept: 'application/json' }

  async function ask(url: URL, signal: AbortSignal): Promise<Asked> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    try {
      const response = await fetch(url, { headers, redirect: 'error', signal: within })
      if (response.ok) return { body: await response.json() }
      await response.body?.cancel()
      const { status } = response
      return { problem: `answered ${status}${hints[status] ?? ''}`, mayPass: status >= 500 || status === 429 }
    } catch (error) {
      return { problem: `did not answer (${reasonOf(error)})`, mayPass: true }
    }
  }

  async function get(path: string, signal: AbortSignal): Promise<{ body: unknown } | { problem: string }> {
    const url = new URL(`/v1/apps/${app}/${path}`, options.baseUrl)
    let asked = await ask(url, signal)
    for (
      let attempt = 1;
      attempt < attemptsMax && 'problem' in asked && asked.mayPass && !signal.aborted;
      attempt += 1
    ) {
      await pause(gapMs * 2 ** attempt, signal)
      asked = await ask(url, signal)
    }
    return 'body' in asked ? asked : { problem: `the Machines API at ${url.origin} ${asked.problem}` }
  }

  return {
    async machines(signal) {
      const listed = await get('machines', signal)
      if ('problem' in listed) return listed
      const machines = Array.isArray(listed.body) ? listed.body.flatMap(machineOf) : []
      const complete: FlyMachine[] = []
      for (const machine of machines) {
        // A list may leave the events out; each machine by itself has them.
        if (machine.events.length === 0) {
          await pause(gapMs, signal)
          const single = await get(`machines/${encodeURIComponent(machine.id)}`, signal)
          const [found] = 'body' in single ? machineOf(single.body) : []
          complete.push(found ?? machine)
        } else complete.push(machine)
      }
      return { machines: complete }
    },
  }
}

const hints: Readonly<Record<number, string>> = {
  401: ' (check FLY_API_TOKEN; fly tokens create readonly makes one)',
  403: ' (FLY_API_TOKEN may not read this app)',
  404: ' (there is no app of this name, or FLY_API_TOKEN is for another one)',
  429: ' (too many requests)',
}

type Asked = { readonly body: unknown } | { readonly problem: string; readonly mayPass: boolean }

/** As flyctl sends them: macaroons by a scheme of their own. */
function authorizationOf(token: string): string {
  if (token.startsWith('FlyV1 ')) return token
  return /^fm[12][ar]?_/.test(token) ? `FlyV1 ${token}` : `Bearer ${token}`
}

/** Names what failed; never the request, which has the token. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.name : 'unknown'
}

function machineOf(value: unknown): FlyMachine[] {
  const { id, region, state, events, config } = (value ?? {}) as Readonly<Record<string, unknown>>
  if (typeof id !== 'string' || typeof state !== 'string' || state === 'destroyed') return []
  const services = (config as { services?: unknown } | null | undefined)?.services
  // A worker takes no requests.
  if (Array.isArray(services) && services.length === 0) return []
  return [{ id, ...(typeof region === 'string' && { region }), state, events: Array.isArray(events) ? events : [] }]
}

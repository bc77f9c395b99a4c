import { createServer, type IncomingMessage } from 'node:http'
import { listenOnLoopback } from '../support/loopback-server.ts'

/** What PagerDuty was told, as its Events API v2 has it. */
export interface Page {
  readonly event_action: 'trigger' | 'resolve'
  readonly dedup_key: string
  readonly payload: {
    readonly summary: string
    readonly severity: string
    readonly class?: string
    readonly custom_details: Record<string, string>
  }
}

/** What a channel of Slack's was told. */
export interface SlackMessage {
  readonly channel: string
  readonly title: string
  readonly text: string
}

export const routingKey = '0123456789abcdef0123456789abcdef'
const slackPath = '/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX'

/**
 * PagerDuty, Slack and a heartbeat service on loopback, which refuse what the real ones refuse.
 * https://developer.pagerduty.com/docs/send-alert-event, https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export async function startNoticeReceivers() {
  const pages: Page[] = []
  const messages: SlackMessage[] = []
  const heartbeats: number[] = []
  const refused: string[] = []
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const fault = faultOf(request, body)
    if (fault !== undefined) {
      refused.push(`${request.url}: ${fault}`)
      response.writeHead(400).end(JSON.stringify({ status: 'invalid event', message: fault, errors: [fault] }))
      return
    }
    if (request.url === '/v2/enqueue') {
      pages.push(body as unknown as Page)
      response
        .writeHead(202)
        .end(JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: body.dedup_key }))
    } else if (request.url === slackPath) {
      for (const { title, text } of body.attachments as { title: string; text: string }[]) {
        messages.push({ channel: String(body.channel), title, text })
      }
      response.writeHead(200).end('ok')
    } else {
      heartbeats.push(performance.now())
      response.writeHead(200).end('OK')
    }
  })
  const { port, close } = await listenOnLoopback(server)
  const url = `http://127.0.0.1:${port}`
  return {
    pagerdutyUrl: `${url}/v2/enqueue`,
    slackUrl: `${url}${slackPath}`,
    heartbeatUrl: `${url}/heartbeat`,
    pages: pages as readonly Page[],
    messages: messages as readonly SlackMessage[],
    /** `performance.now()` of each. */
    heartbeats: heartbeats as readonly number[],
    /** What came and was not as the real ones want it. */
    refused: refused as readonly string[],
    close,
  }
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

function faultOf(request: IncomingMessage, body: Record<string, unknown>): string | undefined {
  if (request.method !== 'POST') return `method ${request.method}`
  if (!request.headers['content-type']?.startsWith('application/json')) return 'content type'
  switch (request.url) {
    case '/v2/enqueue':
      return pageFault(body)
    case slackPath:
      return slackFault(body)
    case '/heartbeat':
      return undefined
    default:
      return 'no such path'
  }
}

function pageFault(event: Record<string, unknown>): string | undefined {
  const payload = (event.payload ?? {}) as Record<string, unknown>
  const checks: readonly (readonly [field: string, isRight: boolean])[] = [
    ['routing_key', event.routing_key === routingKey],
    ['event_action', ['trigger', 'acknowledge', 'resolve'].includes(String(event.event_action))],
    ['dedup_key', isText(event.dedup_key, 255)],
    ['payload.summary', isText(payload.summary, 1_024)],
    ['payload.source', isText(payload.source, 1_024)],
    ['payload.severity', ['critical', 'error', 'warning', 'info'].includes(String(payload.severity))],
    ['payload.custom_details', typeof payload.custom_details === 'object'],
    ['client_url', event.client_url === undefined || URL.canParse(String(event.client_url))],
    ['links', ((event.links ?? []) as { href: string }[]).every(({ href }) => URL.canParse(href))],
  ]
  return checks.find(([, isRight]) => !isRight)?.[0]
}

function slackFault(message: Record<string, unknown>): string | undefined {
  const attachments = (message.attachments ?? []) as Record<string, unknown>[]
  if (!/^#[a-z0-9_-]{1,80}$/.test(String(message.channel))) return 'channel_not_found'
  if (attachments.length === 0 && !isText(message.text, 40_000)) return 'no_text'
  return attachments.every(
    ({ fallback, title, text }) => isText(fallback, 3_000) && isText(title, 3_000) && isText(text, 8_000),
  )
    ? undefined
    : 'invalid_attachments'
}

const isText = (value: unknown, longest: number) =>
  typeof value === 'string' && value.trim() !== '' && value.length <= longest

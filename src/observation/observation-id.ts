import { hash } from 'node:crypto'

/** Ours alone, drawn once: names below it can't meet anybody else's. Never change it: ids would no longer be found. */
const namespace = '6f3b1c9e-5c0a-4d52-9a86-0d1c7a2b94e1'

/**
 * The id of an observation that came without one: the same probe told twice gets the same id, and is stored once.
 * `at`: ISO 8601 in UTC with milliseconds. As JSON, so that no two lists of parts make one name.
 */
export function observationId(parts: {
  readonly source: string
  readonly target: string
  readonly machine?: string | undefined
  readonly at: string
}): string {
  return uuidV5(namespace, JSON.stringify([parts.source, parts.target, parts.machine ?? null, parts.at]))
}

/** The UUID of a name within a namespace: RFC 9562, section 5.5. */
export function uuidV5(namespaceId: string, name: string): string {
  const bytes = Buffer.concat([Buffer.from(namespaceId.replaceAll('-', ''), 'hex'), Buffer.from(name, 'utf8')])
  const digest = hash('sha1', bytes, 'buffer')
  digest.writeUInt8((digest.readUInt8(6) & 0x0f) | 0x50, 6)
  digest.writeUInt8((digest.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = digest.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

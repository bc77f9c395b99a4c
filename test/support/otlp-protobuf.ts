/**
 * An ExportTraceServiceRequest of opentelemetry-proto (collector/trace/v1 and trace/v1, v1.9) in the shape of its JSON.
 * Knows the fields that the service sends; another is an error, as is a field of another wire type.
 * https://protobuf.dev/programming-guides/encoding/
 */
type Field = readonly [name: string, read: (value: Wire) => unknown, repeated?: 'repeated']
type Fields = Readonly<Record<number, Field>>
type Wire = bigint | Uint8Array

export function decodeExportRequest(bytes: Uint8Array): unknown {
  return message(exportRequest)(bytes)
}

const text = (value: Wire) => new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(value))
const hex = (value: Wire) => Buffer.from(bytesOf(value)).toString('hex')
const integer = (value: Wire) => Number(integerOf(value))
const digits = (value: Wire) => String(integerOf(value))
const flag = (value: Wire) => integerOf(value) === 1n
const double = (value: Wire) => {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, integerOf(value))
  return view.getFloat64(0)
}

const anyValue: Fields = {
  1: ['stringValue', text],
  2: ['boolValue', flag],
  3: ['intValue', integer],
  4: ['doubleValue', double],
}
const keyValue: Fields = { 1: ['key', text], 2: ['value', (value) => message(anyValue)(value)] }
const attributes = (number: number): Fields => ({ [number]: ['attributes', message(keyValue), 'repeated'] })
const count = (name: string): Field => [name, integer]
const status: Fields = { 2: ['message', text], 3: ['code', integer] }
const span: Fields = {
  1: ['traceId', hex],
  2: ['spanId', hex],
  3: ['traceState', text],
  4: ['parentSpanId', hex],
  5: ['name', text],
  6: ['kind', integer],
  7: ['startTimeUnixNano', digits],
  8: ['endTimeUnixNano', digits],
  ...attributes(9),
  10: count('droppedAttributesCount'),
  12: count('droppedEventsCount'),
  14: count('droppedLinksCount'),
  15: ['status', message(status)],
  16: ['flags', integer],
}
const scope: Fields = { 1: ['name', text], 2: ['version', text], ...attributes(3), 4: count('droppedAttributesCount') }
const scopeSpans: Fields = {
  1: ['scope', message(scope)],
  2: ['spans', message(span), 'repeated'],
  3: ['schemaUrl', text],
}
const resource: Fields = { ...attributes(1), 2: count('droppedAttributesCount') }
const resourceSpans: Fields = {
  1: ['resource', message(resource)],
  2: ['scopeSpans', message(scopeSpans), 'repeated'],
  3: ['schemaUrl', text],
}
const exportRequest: Fields = { 1: ['resourceSpans', message(resourceSpans), 'repeated'] }

function message(fields: Fields): (value: Wire) => Record<string, unknown> {
  return (value) => {
    const found: Record<string, unknown> = {}
    for (const [number, wire] of fieldsOf(bytesOf(value))) {
      const [name, read, repeated] = fields[number] ?? []
      if (name === undefined || read === undefined) throw new Error(`field ${number} is not known`)
      if (repeated === undefined) found[name] = read(wire)
      else found[name] = [...((found[name] as unknown[] | undefined) ?? []), read(wire)]
    }
    return found
  }
}

function* fieldsOf(bytes: Uint8Array): Generator<[number: number, value: Wire]> {
  let at = 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

  function varint(): bigint {
    let value = 0n
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at)
      at += 1
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  function take(length: number): number {
    if (at + length > bytes.length) throw new Error(`a field of ${length} bytes at ${at} of ${bytes.length}`)
    at += length
    return at - length
  }

  /** By wire type; the groups of old (3 and 4) are none of OTLP's. */
  const readers: Readonly<Record<number, () => Wire>> = {
    0: varint,
    1: () => view.getBigUint64(take(8), true),
    2: () => {
      const length = Number(varint())
      const from = take(length)
      return bytes.subarray(from, from + length)
    },
    5: () => BigInt(view.getUint32(take(4), true)),
  }

  while (at < bytes.length) {
    const tag = Number(varint())
    const read = readers[tag & 7]
    if (read === undefined) throw new Error(`wire type ${tag & 7} at ${at}`)
    yield [tag >> 3, read()]
  }
}

function bytesOf(value: Wire): Uint8Array {
  if (typeof value === 'bigint') throw new Error('a number where bytes belong')
  return value
}

function integerOf(value: Wire): bigint {
  if (typeof value !== 'bigint') throw new Error('bytes where a number belongs')
  return value
}

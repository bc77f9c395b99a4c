/** Reads Prometheus' text format, https://prometheus.io/docs/instrumenting/exposition_formats/ */
export interface MetricText {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly samples: readonly SampleText[]
}

export interface SampleText {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export function parseExposition(text: string): MetricText[] {
  return text
    .split(/^# HELP /m)
    .slice(1)
    .map(parseMetric)
}

function parseMetric(block: string): MetricText {
  const [helpLine = '', typeLine = '', ...lines] = block.split('\n')
  const [name = '', ...help] = helpLine.split(' ')
  const type = typeLine.split(' ')[3] ?? ''
  return { name, help: help.join(' '), type, samples: lines.filter((line) => line !== '').map(parseSample) }
}

function parseSample(line: string): SampleText {
  const parts = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/.exec(line)
  if (parts === null) throw new Error(`no sample of the text format: ${line}`)
  const labels = [...(parts[2] ?? '').matchAll(/([^=,]+)="((?:[^"\\]|\\.)*)"/g)].map((match) => [match[1], match[2]])
  return { name: parts[1] ?? '', labels: Object.fromEntries(labels), value: Number(parts[3]) }
}

import { isNode, LineCounter, parseDocument } from 'yaml'
import type * as z from 'zod'
import type { Place, Read } from './rule.ts'

export type YamlPath = readonly (string | number)[]

export interface YamlFile<Value> {
  readonly values: Value
  /** Where the value at this path stands; where there is none, what it would be in. */
  at(...path: YamlPath): Place
}

/** A file of one YAML document. `schema` has what the rules ask for, and lets the rest pass. */
export function readYamlFile<Value>(file: string, text: string, schema: z.ZodType<Value>): Read<YamlFile<Value>> {
  const lineCounter = new LineCounter()
  // Prometheus and Alertmanager read 1.1.
  const document = parseDocument(text, { lineCounter, version: '1.1' })
  const [fault] = document.errors
  if (fault !== undefined) {
    const at = { file, line: lineCounter.linePos(fault.pos[0]).line }
    const [what = fault.code] = fault.message.split(/ at line |\n/)
    return { problems: [{ rule: 'syntax', at, what, next: 'Correct the line: nothing of the file can be read' }] }
  }
  const at = (...path: YamlPath): Place => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    const offset = isNode(node) ? node.range?.[0] : undefined
    if (offset === undefined && path.length > 0) return at(...path.slice(0, -1))
    return { file, line: offset === undefined ? 1 : lineCounter.linePos(offset).line }
  }
  const { data, error } = schema.safeParse(document.toJS())
  if (error === undefined) return { value: { values: data, at } }
  return {
    problems: error.issues.map(({ path, message }) => {
      const steps = path.map((step) => (typeof step === 'number' ? step : String(step)))
      const what = `${steps.join('.')}: ${message}`
      return { rule: 'keys', at: at(...steps), what, next: 'Write it as the program that reads the file wants it' }
    }),
  }
}

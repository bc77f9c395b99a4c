import * as z from 'zod'
import type { Read } from './rule.ts'
import { readYamlFile, type YamlFile } from './yaml-file.ts'

const routeSchema = z.looseObject({
  receiver: z.string().optional(),
  matchers: z.array(z.string()).optional(),
  continue: z.boolean().optional(),
  active_time_intervals: z.array(z.string()).optional(),
  mute_time_intervals: z.array(z.string()).optional(),
  get routes(): z.ZodOptional<z.ZodArray<typeof routeSchema>> {
    return z.array(routeSchema).optional()
  },
})
const schema = z.looseObject({
  route: routeSchema,
  receivers: z.array(z.looseObject({ name: z.string() })),
  inhibit_rules: z
    .array(
      z.looseObject({
        source_matchers: z.array(z.string()).optional(),
        target_matchers: z.array(z.string()).optional(),
      }),
    )
    .optional(),
  time_intervals: z.array(z.looseObject({ name: z.string() })).optional(),
})

export type AlertmanagerRoute = z.infer<typeof routeSchema>
export type AlertmanagerConf = YamlFile<z.infer<typeof schema>>

/** https://prometheus.io/docs/alerting/latest/configuration/ */
export function readAlertmanagerConf(file: string, text: string): Read<AlertmanagerConf> {
  return readYamlFile(file, text, schema)
}

/** Whether the labels pass a matcher as `severity="critical"`; undefined when it can't be read. */
export function matches(matcher: string, labels: Readonly<Record<string, string>>): boolean | undefined {
  const [, label = '', operator, , value = ''] = /^\s*(\w+)\s*(=~|!~|!=|=)\s*("?)(.*)\3\s*$/s.exec(matcher) ?? []
  const found = labels[label] ?? ''
  switch (operator) {
    case '=':
      return found === value
    case '!=':
      return found !== value
    case '=~':
      return new RegExp(`^(?:${value})$`).test(found)
    case '!~':
      return !new RegExp(`^(?:${value})$`).test(found)
    default:
      return undefined
  }
}

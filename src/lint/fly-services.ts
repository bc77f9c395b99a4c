import * as z from 'zod'
import { duration, port, textByName, texts } from './fly-values.ts'

const checkDuration = duration(1).optional()

export const httpCheckKeys = {
  interval: checkDuration,
  timeout: checkDuration,
  grace_period: checkDuration,
  method: z.string().optional(),
  path: z.string().optional(),
  protocol: z.enum(['http', 'https']).optional(),
  tls_skip_verify: z.boolean().optional(),
  tls_server_name: z.string().optional(),
  headers: textByName,
}
export const httpCheck = z.strictObject(httpCheckKeys)

export const machineChecks = z
  .array(
    z.strictObject({
      command: texts,
      image: z.string().optional(),
      entrypoint: texts,
      kill_signal: z.string().optional(),
      kill_timeout: duration(1_000).optional(),
    }),
  )
  .optional()

const tlsOptions = z
  .strictObject({ alpn: texts, versions: texts, default_self_signed: z.boolean().optional() })
  .optional()
const httpOptions = z
  .strictObject({
    compress: z.boolean().optional(),
    response: z
      .strictObject({ headers: z.record(z.string(), z.unknown()).optional(), pristine: z.boolean().optional() })
      .optional(),
    h2_backend: z.boolean().optional(),
    idle_timeout: z.int().optional(),
    headers_read_timeout: z.int().optional(),
    replay_cache: z.array(z.record(z.string(), z.unknown())).optional(),
  })
  .optional()

const concurrency = z
  .strictObject({
    type: z.enum(['requests', 'connections']).optional(),
    soft_limit: z.int().positive().optional(),
    hard_limit: z.int().positive().optional(),
  })
  .optional()

const scalingKeys = {
  // Booleans are the older spelling of "stop" and "off".
  auto_stop_machines: z
    .union([z.enum(['off', 'stop', 'suspend']), z.boolean().transform((stop) => (stop ? 'stop' : 'off'))])
    .optional(),
  auto_start_machines: z.boolean().optional(),
  min_machines_running: z.int().nonnegative().optional(),
}

export const httpService = z.strictObject({
  internal_port: port,
  force_https: z.boolean().optional(),
  ...scalingKeys,
  processes: texts,
  concurrency,
  tls_options: tlsOptions,
  http_options: httpOptions,
  checks: z.array(httpCheck).optional(),
  machine_checks: machineChecks,
})

export const service = z.strictObject({
  protocol: z.enum(['tcp', 'udp']).optional(),
  internal_port: port,
  ...scalingKeys,
  ports: z
    .array(
      z.strictObject({
        port: port.optional(),
        start_port: port.optional(),
        end_port: port.optional(),
        handlers: texts,
        force_https: z.boolean().optional(),
        tls_options: tlsOptions,
        http_options: httpOptions,
        proxy_proto_options: z.strictObject({ version: z.string().optional() }).optional(),
      }),
    )
    .optional(),
  concurrency,
  tcp_checks: z
    .array(z.strictObject({ interval: checkDuration, timeout: checkDuration, grace_period: checkDuration }))
    .optional(),
  http_checks: z.array(httpCheck).optional(),
  machine_checks: machineChecks,
  processes: texts,
})

export type FlyHttpCheck = z.infer<typeof httpCheck>

import type { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import type { Config } from '../config.ts'
import { batchMax } from './span-queue.ts'

type Options = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>

/** The one of the two encodings that is configured; only that one is loaded. */
export async function createOtlpExporter(tracing: NonNullable<Config['tracing']>): Promise<SpanExporter> {
  const { url, protocol, headers, compression, exportTimeoutMs, maxQueueSize } = tracing
  const options: Options = {
    url,
    headers: { ...headers },
    compression: compression as NonNullable<Options['compression']>,
    timeoutMillis: exportTimeoutMs,
    // One export at a time, but for a stop, which sends all that waits at once.
    concurrencyLimit: Math.ceil(maxQueueSize / batchMax) + 1,
  }
  const { OTLPTraceExporter: Exporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto')
  return new Exporter(options)
}

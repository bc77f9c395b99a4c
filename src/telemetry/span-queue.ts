import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import { BatchSpanProcessor, type ReadableSpan, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace'
import type { SpanDropReason } from './tracing.ts'

export interface SpanQueue {
  readonly processor: SpanProcessor
  readonly dropped: Readonly<Record<SpanDropReason, number>>
}

/** Spans of one export. */
export const batchMax = 512

/**
 * The library's batches between a count in front and one behind them: it drops in silence what its full queue can't
 * take and what could not be exported. Bounded: `maxQueueSize` spans wait, and one batch is under way.
 */
export function createSpanQueue(options: {
  exporter: SpanExporter
  maxQueueSize: number
  scheduleDelayMs: number
  exportTimeoutMs: number
  /** After each export; undefined: it was taken. */
  onExport: (error: Error | undefined) => void
}): SpanQueue {
  const { exporter, maxQueueSize, onExport } = options
  const dropped = { queue_full: 0, export_failed: 0 }
  let waiting = 0
  let closed = false

  const counted: SpanExporter = {
    export(spans: ReadableSpan[], done: (result: ExportResult) => void) {
      waiting -= spans.length
      exporter.export(spans, (result) => {
        const isTaken = result.code === ExportResultCode.SUCCESS
        if (!isTaken) dropped.export_failed += spans.length
        onExport(isTaken ? undefined : (result.error ?? new Error('the export failed')))
        done(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
  const batches = new BatchSpanProcessor({
    exporter: counted,
    maxQueueSize,
    maxExportBatchSize: Math.min(batchMax, maxQueueSize),
    scheduledDelayMillis: options.scheduleDelayMs,
    exportTimeoutMillis: options.exportTimeoutMs,
  })

  return {
    dropped,
    processor: {
      onStart: () => undefined,
      onEnd(span) {
        if (closed || waiting >= maxQueueSize) {
          dropped.queue_full += 1
          return
        }
        waiting += 1
        batches.onEnd(span)
      },
      forceFlush: () => batches.forceFlush(),
      shutdown() {
        closed = true
        return batches.shutdown()
      },
    },
  }
}

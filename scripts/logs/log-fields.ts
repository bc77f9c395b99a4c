/**
 * How Loki stores a line, in one place: the collector's configuration is made from it, and every query is held to it.
 *
 * Each combination of label values is a stream of its own in Loki's index; few streams that are full beat many that are
 * empty. So a label is what has a handful of values and what nearly every question begins with. What has many (the
 * machine, ids) or is asked for now and then (the event) is structured metadata: stored beside the line, found without
 * parsing it, in no index. https://grafana.com/docs/loki/latest/get-started/labels/bp-labels/
 */

/** Set by the collector, the same for all that it collects. */
export const staticLabels = ['service', 'environment'] as const
/** Taken from fields of the line, with all the values that they may have. */
export const lineLabels = ['level', 'region'] as const
/** Taken from fields of the line; the first three ids tie a line to its request, its trace and Fly's own log. */
export const lineMetadata = ['event', 'requestId', 'traceId', 'flyRequestId', 'machine', 'version'] as const
/** Of the line; it becomes the time of the entry. */
export const timeField = 'time'

export const serviceName = 'medio'

/** The three forms of a health answer (docs/health-api.md, Formats). */
export type AnswerFormat = 'json' | 'health+json' | 'text'

export const formatNames: readonly AnswerFormat[] = ['json', 'health+json', 'text']

const mediaTypes: readonly (readonly [AnswerFormat, string])[] = [
  ['json', 'application/json'],
  ['health+json', 'application/health+json'],
  ['text', 'text/plain'],
]

/** `?format=`; undefined when the word is none of ours. A plus that was not encoded arrives as a space. */
export function formatNamed(word: string): AnswerFormat | undefined {
  return formatNames.find((name) => name === word.replace(' ', '+'))
}

/**
 * Content negotiation (RFC 9110, 12.5.1): the highest quality wins, JSON on a tie. A caller that accepts none of the
 * three gets JSON all the same: during an incident an answer in the wrong form beats a 406.
 */
export function formatAccepted(accept: string | undefined): AnswerFormat {
  if (accept === undefined || accept === '*/*' || accept === 'application/json') return 'json'
  const ranges = accept.split(',').map(parseRange)
  let best: AnswerFormat = 'json'
  let bestQuality = 0
  for (const [format, mediaType] of mediaTypes) {
    const quality = qualityOf(mediaType, ranges)
    if (quality > bestQuality) {
      best = format
      bestQuality = quality
    }
  }
  return best
}

interface Range {
  readonly type: string
  readonly quality: number
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  return { type, quality: quality === undefined ? 1 : Number.parseFloat(quality.slice(2)) || 0 }
}

/** The most specific range decides, as the RFC says. */
function qualityOf(mediaType: string, ranges: readonly Range[]): number {
  const family = `${mediaType.split('/')[0]}/*`
  for (const wanted of [mediaType, family, '*/*']) {
    const found = ranges.find((range) => range.type === wanted)
    if (found !== undefined) return found.quality
  }
  return 0
}

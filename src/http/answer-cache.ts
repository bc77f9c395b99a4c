/**
 * Answers kept for some seconds, so that many who look at once cost one question. One that failed is not kept. Bounded:
 * the oldest goes.
 */
export interface AnswerCache<Answer> {
  get(key: string, ask: () => Promise<Answer>): Promise<Answer>
}

export function createAnswerCache<Answer>(options: {
  keptMs: number
  answersMax: number
  monotonicMs: () => number
}): AnswerCache<Answer> {
  const { keptMs, answersMax, monotonicMs } = options
  const answers = new Map<string, { readonly untilMs: number; readonly answer: Promise<Answer> }>()
  return {
    get(key, ask) {
      const known = answers.get(key)
      if (known !== undefined && known.untilMs > monotonicMs()) return known.answer
      answers.delete(key)
      const [oldest] = answers.keys()
      if (answers.size >= answersMax && oldest !== undefined) answers.delete(oldest)
      const entry = { untilMs: monotonicMs() + keptMs, answer: ask() }
      answers.set(key, entry)
      entry.answer.catch(() => {
        if (answers.get(key) === entry) answers.delete(key)
      })
      return entry.answer
    },
  }
}

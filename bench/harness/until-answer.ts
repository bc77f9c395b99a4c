/** A prober that waits for a server to come up. */
import { type Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'

export interface Question {
  readonly port: number
  readonly path: string
  /** Keeps the connection from one question to the next. */
  readonly agent: Agent
}

const giveUpMs = 60_000

/** Asks again and again; a pause of `everyMs` between the end of one attempt and the next. */
export async function untilAnswer(
  question: Question,
  everyMs: number,
  enough: (statusCode: number) => boolean,
): Promise<void> {
  const deadlineMs = performance.now() + giveUpMs
  while (performance.now() < deadlineMs) {
    const statusCode = await ask(question)
    if (statusCode !== undefined && enough(statusCode)) return
    await pause(everyMs)
  }
  throw new Error(`port ${question.port} gave no answer to wait for at ${question.path} within ${giveUpMs} ms`)
}

/** The status; undefined when there was no answer. */
function ask(question: Question): Promise<number | undefined> {
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', ...question }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.statusCode))
    })
      .once('error', () => resolve(undefined))
      .end()
  })
}

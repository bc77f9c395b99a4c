import { expect, it } from 'vitest'
import { createAnswerCache } from '../../src/http/answer-cache.ts'

function begin() {
  const state = { nowMs: 0, asked: [] as string[] }
  const cache = createAnswerCache<string>({ keptMs: 1_000, answersMax: 2, monotonicMs: () => state.nowMs })
  const get = (key: string, answer?: Promise<string>) =>
    cache.get(key, () => {
      state.asked.push(key)
      return answer ?? Promise.resolve(`${key}${state.asked.length}`)
    })
  return { state, get }
}

it('an answer is kept for its time, and shared by those who ask meanwhile', async () => {
  const { state, get } = begin()
  expect(await Promise.all([get('a'), get('a')])).toEqual(['a1', 'a1'])
  state.nowMs = 999
  expect(await get('a')).toBe('a1')
  state.nowMs = 1_000
  expect(await get('a')).toBe('a2')
})

it('a question that failed is asked again', async () => {
  const { get } = begin()
  await expect(get('a', Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(await get('a')).toBe('a2')
})

it('the oldest answer makes room for one too many', async () => {
  const { state, get } = begin()
  await get('a')
  await get('b')
  await get('c')
  await get('b')
  expect(state.asked).toEqual(['a', 'b', 'c'])
  await get('a')
  expect(state.asked).toEqual(['a', 'b', 'c', 'a'])
})

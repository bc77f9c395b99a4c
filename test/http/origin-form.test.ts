import { describe, expect, it } from 'vitest'
import { originForm } from '../../src/http/origin-form.ts'

describe('the target of a request', () => {
  it.each([
    ['/a?b=http://x', '/a?b=http://x'],
    ['//x/a', '//x/a'],
    ['http://x/a?b', '/a?b'],
    ['HTTPS://user@x:1/a', '/a'],
    ['http://x', '/'],
    ['http://x?b', '/?b'],
    ['*', '*'],
    ['ftp://x/a', 'ftp://x/a'],
    ['', ''],
  ])('%j is the path %j', (target, path) => {
    expect(originForm(target)).toBe(path)
  })
})

import type { Rule } from '../rule.ts'

/** The image runs as a user that is not root. */
export const user: Rule = {
  name: 'user',
  why: 'whoever breaks into one of the processes owns the machine',
  check({ image }) {
    const next = 'Write: USER node'
    if (image.user === undefined) return [{ at: image.at, what: 'the image has no USER, so it runs as root', next }]
    const { value, at } = image.user
    const [name = ''] = value.split(':')
    return name === '' || name === 'root' || Number(name) === 0 ? [{ at, what: `USER is "${value}", root`, next }] : []
  },
}

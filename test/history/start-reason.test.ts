import { expect, it } from 'vitest'
import { startReason } from '../../src/history/start-reason.ts'

const running = { version: '1.1.0', commit: 'bbb', isNewDeployment: false }
const same = { version: '1.1.0', commit: 'bbb', endedCleanly: true }

it.each([
  ['deploy', 'a new machine brings a new version', undefined, { ...running, isNewDeployment: true }],
  ['unknown', 'a new machine brings a version that ran elsewhere', undefined, running],
  ['wake', 'the same version was stopped', same, running],
  ['wake', 'the same version was stopped, of no commit', { ...same, commit: null }, { ...running, commit: null }],
  ['deploy', 'another version was stopped', { ...same, version: '1.0.0' }, running],
  ['deploy', 'another commit of the version was stopped', { ...same, commit: 'aaa' }, running],
  ['deploy', 'an older version comes back', { ...same, version: '1.2.0' }, running],
  ['crash', 'the same version ended without a word', { ...same, endedCleanly: false }, running],
  ['crash', 'another version ended without a word', { ...same, version: '1.0.0', endedCleanly: false }, running],
])('a start is called %s when %s', (reason, _when, previous, now) => {
  expect(startReason(previous, now)).toBe(reason)
})

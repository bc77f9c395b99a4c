import { spawnSync } from 'node:child_process'

/** What `promtool check metrics` says of a text in Prometheus' format: one line per complaint, none when it is clean. */
export function runPromtool(text: string): { exitCode: number | null; complaints: string[] } {
  const { status, stdout, stderr, error } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  })
  if (error !== undefined) throw new Error('promtool did not run', { cause: error })
  return { exitCode: status, complaints: `${stdout}${stderr}`.split('\n').filter((line) => line !== '') }
}

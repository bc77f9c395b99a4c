import { describe, expect, it } from 'vitest'
import { readFlyToml } from '../../src/lint/fly-toml.ts'

const valuesOf = (text: string) => readFlyToml('fly.toml', text).value?.values
const problemsOf = (text: string) =>
  readFlyToml('fly.toml', text).problems?.map(({ at, rule, what }) => `${at.line} ${rule}: ${what}`)
const unknown = "Fly's reference, and Fly ignores unknown keys in silence"

describe('fly.toml', () => {
  it.each([
    ['app =', '1 syntax: column 6: Unspecified values are invalid'],
    ['app = "a"\napp = "b"', '2 syntax: column 1: Defining a key multiple times is invalid'],
    [
      'app = "a"\n\n[deploy\nstrategy = "rolling"',
      '4 syntax: column 1: The key, equals sign, and value must be on the same line',
    ],
  ])('names the line and the column of what is no TOML: %j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  it.each([
    ['kill_timout = 5', `1 keys: kill_timout is no key of ${unknown}`],
    ['[http_service]\ninternal_port = 1\ncheck = 1', `3 keys: http_service.check is no key of ${unknown}`],
    [
      '[http_service]\ninternal_port = 1\n[[http_service.checks]]\npath = "/"\n[[http_service.checks]]\nintervall = "5s"',
      `6 keys: http_service.checks[1].intervall is no key of ${unknown}`,
    ],
    [
      '[deploy]\nrelease_command_vm = { size = "a",\n rom = 1 }',
      `3 keys: deploy.release_command_vm.rom is no key of ${unknown}`,
    ],
    ['[vm]\nmemroy = "1gb"', `2 keys: vm[0].memroy is no key of ${unknown}`],
    ['deploy.strategie = "rolling"', `1 keys: deploy.strategie is no key of ${unknown}`],
  ])('refuses a key that Fly would ignore, in its line: %j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  it.each([
    ['[http_service]\ninternal_port = "5000"', '2 keys: http_service.internal_port: expected number, received string'],
    ['[http_service]', '1 keys: http_service.internal_port: expected number, received undefined'],
    ['kill_timeout = "a minute"', '1 keys: kill_timeout: expected a duration such as 5s or 1m30s'],
    ['[[vm]]\nmemory = "much"', '2 keys: vm[0].memory: expected a size such as 256mb or 1gb'],
    [
      '[deploy]\nstrategy = "rollin"',
      '2 keys: deploy.strategy: Invalid option: expected one of "rolling"|"immediate"|"canary"|"bluegreen"',
    ],
  ])('refuses a value that is not of its type: %j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem])
  })

  it('reports every bad key and value at once', () => {
    expect(problemsOf('a = 1\nb = 2\n[http_service]\ninternal_port = 0')).toHaveLength(3)
  })

  it('gives durations in milliseconds and memory in MiB, a bare number by what flyctl takes it for', () => {
    const check = '[http_service]\ninternal_port = 1\n[[http_service.checks]]\ninterval = 5000\ntimeout = "1m1.5s"'
    expect(valuesOf(`kill_timeout = 70\n${check}\n[[vm]]\nmemory = "1gb"\n[[vm]]\nmemory = 512`)).toMatchObject({
      kill_timeout: 70_000,
      http_service: { checks: [{ interval: 5_000, timeout: 61_500 }] },
      vm: [{ memory: 1_024 }, { memory: 512 }],
    })
  })

  it('gives a list where Fly takes one table or a list of them, and reads the older booleans', () => {
    const service = '[http_service]\ninternal_port = 1\nauto_stop_machines = true'
    expect(valuesOf(`${service}\n[metrics]\nport = 1\n[mounts]\ndestination = "/data"`)).toEqual({
      http_service: { internal_port: 1, auto_stop_machines: 'stop' },
      metrics: [{ port: 1 }],
      mounts: [{ destination: '/data' }],
    })
  })

  it('knows the line of a key, and of the nearest table where the key is left out', () => {
    const { value } = readFlyToml('fly.toml', '# first\napp = "a"\n\n[metrics]\nport = 1\n\n[[vm]]\nmemory = "1gb"\n')
    const line = (...path: (string | number)[]) => value?.at(...path).line
    expect([line('app'), line('metrics', 0, 'port'), line('metrics', 0, 'path'), line('vm', 0, 'memory')]).toEqual([
      2, 5, 4, 8,
    ])
    expect([line('vm'), line('vm', 0, 'cpus'), line('deploy', 'strategy')]).toEqual([7, 7, 1])
  })

  it('has its comments', () => {
    const comments = readFlyToml('fly.toml', '# one\napp = "# none" # two\n').value?.comments
    expect(comments?.map(({ text, at }) => [text, at.line])).toEqual([
      ['one', 1],
      ['two', 2],
    ])
  })
})

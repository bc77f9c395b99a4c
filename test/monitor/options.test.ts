import { describe, expect, it } from 'vitest'
import { type LiveOptions, readOptions } from '../../src/monitor/options.ts'

function live(...args: string[]): LiveOptions {
  const read = readOptions(args)
  if (!('options' in read) || read.options.kind !== 'live') throw new Error(JSON.stringify(read))
  return read.options
}
const problems = (...args: string[]) => {
  const read = readOptions(args)
  return 'problems' in read ? read.problems : []
}
const targets = (...args: string[]) => live(...args).targets.map(({ name, url }) => [name, url.href])

describe('the options of the monitor', () => {
  it('probe the health endpoint for five minutes unless told otherwise', () => {
    expect(live('https://shop.example')).toEqual({
      kind: 'live',
      targets: [{ name: 'shop.example', url: new URL('https://shop.example/api/health') }],
      source: 'monitor',
      durationMs: 300_000,
      intervalMs: 15_000,
      timeoutMs: 10_000,
      reuse: false,
      controlUrl: undefined,
      metricsUrl: undefined,
      statementsUrl: undefined,
      flyApp: undefined,
      postUrl: undefined,
      criteriaFile: undefined,
      baselineFile: undefined,
      logFile: undefined,
      outDirectory: undefined,
    })
  })

  it('take every option in its unit', () => {
    const options = live(
      ...['https://shop.example', '--duration', '1h30m', '--interval=500ms', '--timeout', '2s', '--target', 'shop'],
      ...['--source', 'office', '--control', 'https://control.example', '--reuse', '--fly-app', 'shop-1'],
      ...['--logs', 'a.log', '--metrics', 'http://[fdaa::1]:9091/metrics', '--criteria', 'c.json'],
      ...['--baseline', 'r.json', '--post', 'https://history.example', '--out', 'out'],
    )
    expect(options).toMatchObject({
      ...{ durationMs: 5_400_000, intervalMs: 500, timeoutMs: 2_000, source: 'office', reuse: true },
      ...{ flyApp: 'shop-1', logFile: 'a.log', criteriaFile: 'c.json', baselineFile: 'r.json', outDirectory: 'out' },
    })
    const { controlUrl, metricsUrl, postUrl } = options
    expect([controlUrl, metricsUrl, postUrl].map((url) => url?.href)).toEqual([
      'https://control.example/',
      'http://[fdaa::1]:9091/metrics',
      'https://history.example/api/observations',
    ])
    expect(live('https://shop.example', '--forever').durationMs).toBeUndefined()
  })

  it('probe each URL at each path, and name a target without its query', () => {
    expect(
      targets('https://a.example', 'http://b.example:8080/', '--path', '/api/health', '--path', '/x?key=1'),
    ).toEqual([
      ['a.example', 'https://a.example/api/health'],
      ['a.example/x', 'https://a.example/x?key=1'],
      ['b.example:8080', 'http://b.example:8080/api/health'],
      ['b.example:8080/x', 'http://b.example:8080/x?key=1'],
    ])
    expect(targets('https://a.example/healthz', '--target', 'shop')).toEqual([['shop', 'https://a.example/healthz']])
  })

  it('replay a file without a URL', () => {
    expect(readOptions(['--replay', 'o.jsonl', '--out', 'again'])).toEqual({
      options: {
        kind: 'replay',
        replayFile: 'o.jsonl',
        outDirectory: 'again',
        criteriaFile: undefined,
        baselineFile: undefined,
        logFile: undefined,
      },
    })
  })
})

describe('options that can not be used', () => {
  it.each([
    [[], ['no URL is given; name the service to probe, or a file with --replay']],
    [['ftp://a'], ['ftp://a is not a URL that begins with http:// or https://']],
    [
      ['http://a', '--interval', '15'],
      ['--interval is not a duration of at least 100ms such as 250ms, 15s, 5m or 1h30m'],
    ],
    [
      ['http://a', '--interval', '50ms'],
      ['--interval is not a duration of at least 100ms such as 250ms, 15s, 5m or 1h30m'],
    ],
    [['http://a', '--duration', '0s'], ['--duration is not a duration such as 250ms, 15s, 5m or 1h30m']],
    [
      ['http://a', '--duration', '5s'],
      ['--duration is shorter than --interval, so there would be no probe; lengthen it'],
    ],
    [['http://a', '--timeout', '11m'], ['--timeout is longer than 10m']],
    [['http://a', '--forever', '--duration', '5m'], ['--forever and --duration are both given; choose one']],
    [['http://a', '--path', 'x'], ['--path x does not begin with /']],
    [['http://a', 'http://a/'], ['a is to be probed twice; leave one out']],
    [['http://a', 'http://b', '--target', 't'], ['--target names one target, but several are to be probed']],
    [['http://a', '--fly-app', 'Not an app'], ['--fly-app is not the name of an app: a-z, 0-9 and -']],
    [['http://a', '--intervall=5s'], ['--intervall is no option of medio monitor']],
    [['http://a', '-v'], ['-v is no option of medio monitor']],
    [['http://a', '--out'], ['--out needs a value']],
    [['http://a', '--out', '--reuse'], ['--out needs a value']],
    [['http://a', '--reuse=yes'], ['--reuse takes no value']],
    [['http://a', '--out', 'x', '--out', 'y'], ['--out is given twice']],
    [['--replay', 'f', '--interval', '5s'], ['--interval has no meaning with --replay, which probes nothing']],
    [['--replay', 'f', 'http://a'], ['--replay probes nothing: leave out http://a']],
  ])('%j are refused with the option and what is right', (args, expected) => {
    expect(problems(...args)).toEqual(expected)
  })

  it('are named all at once', () => {
    expect(problems('--interval', 'x', '--bad', '--control', 'y')).toHaveLength(4)
  })

  it('never show the password of a URL', () => {
    const told = problems('https://user:hunter2@a.example').join()
    expect(told).toBe('the URL of a.example has a user or password in it, which would be recorded; leave them out')
  })
})

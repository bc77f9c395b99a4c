import { describe, expect, it } from 'vitest'
import { readDockerfile } from '../../src/lint/dockerfile.ts'

const read = (text: string) => readDockerfile('Dockerfile', text)
const environmentOf = (text: string) =>
  Object.fromEntries(
    [...(read(text).value?.environment ?? [])].map(([name, { value, at }]) => [name, [value, at.line]]),
  )

describe('a Dockerfile', () => {
  it('counts by its last stage and by the stages that this one stands on', () => {
    const { value } = read(`FROM node AS base
ENV A=base B=base
USER node
FROM --platform=linux/amd64 base AS build
ENV C=build
EXPOSE 1
FROM --platform=linux/amd64 base
ENV B=last
EXPOSE 5000/tcp 9091
STOPSIGNAL SIGINT
`)
    expect([...(value?.environment ?? [])].map(([name, set]) => [name, set.value, set.at.line])).toEqual([
      ['A', 'base', 2],
      ['B', 'last', 8],
    ])
    expect(value?.exposed.map((port) => port.value)).toEqual([5_000, 9_091])
    expect([value?.at.line, value?.user, value?.stopSignal?.value]).toEqual([
      7,
      { value: 'node', at: { file: 'Dockerfile', line: 3 } },
      'SIGINT',
    ])
  })

  it('has each variable in its line, also over several lines with comments between them', () => {
    const text = 'FROM node\nENV A=1 \\\n  # two\n  B="x y" \\\n  C=z\nENV D all of it\n'
    expect(environmentOf(text)).toEqual({ A: ['1', 2], B: ['x y', 4], C: ['z', 5], D: ['all of it', 6] })
  })

  it('puts in what a variable and a build argument hold by then', () => {
    const text = `ARG OUTER=1
FROM node
ARG COMMIT
ARG PORT=80
ENV A=/a
ENV B=$A/b C=\${COMMIT} D=\${COMMIT:-none} E=$PORT
`
    expect(environmentOf(text)).toEqual({
      A: ['/a', 5],
      B: ['/a/b', 6],
      C: ['', 6],
      D: ['none', 6],
      E: ['80', 6],
    })
    expect([...(read(text).value?.buildArguments.keys() ?? [])]).toEqual(['OUTER', 'COMMIT', 'PORT'])
  })

  it.each([
    ['["tini", "-s", "a b"]', { words: ['tini', '-s', 'a b'], isExecForm: true }],
    ['tini -s --', { words: ['tini', '-s', '--'], isExecForm: false }],
    ["['tini']", { words: ["['tini']"], isExecForm: false }],
  ])('starts %s as Docker would', (text, start) => {
    expect(read(`FROM node\nENTRYPOINT ${text}\n`).value?.entrypoint?.value).toEqual(start)
    expect(read(`FROM node\nCMD ${text}\n`).value?.command?.value).toEqual(start)
  })

  it('without a stage is refused', () => {
    expect(read('# nothing\n').problems).toEqual([
      {
        rule: 'syntax',
        at: { file: 'Dockerfile', line: 1 },
        what: 'there is no FROM',
        next: 'Begin a stage: nothing of the file can be read',
      },
    ])
  })
})

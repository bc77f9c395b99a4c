import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import lock from '../../package-lock.json' with { type: 'json' }
import runtime from '../../tools/node-runtime/package.json' with { type: 'json' }
import { projectFiles, projectRoot, readProjectFile } from './project-files.ts'

const locked = lock.packages as Record<string, Record<string, unknown>>

describe('package.json', () => {
  it('has the version of the newest entry of CHANGELOG.md', () => {
    expect(/^## (\S+)/m.exec(readProjectFile('CHANGELOG.md'))?.[1]).toBe(manifest.version)
  })

  it('is in step with package-lock.json', () => {
    const { name, version, dependencies, devDependencies, engines, bin } = manifest
    const wanted = { name, version, dependencies, devDependencies, engines, bin }
    expect(locked['']).toEqual(expect.objectContaining(wanted))
  })

  it('has the scripts that the documents, the workflow and .ci/run call', () => {
    const callers = [...projectFiles(/\.md$/), ...projectFiles(/^\.github\//), '.ci/run']
    const called = callers.flatMap((file) =>
      [...readProjectFile(file).matchAll(/\bnpm run ([\w:]+)/g)].map((m) => m[1]),
    )
    expect(called).toContain('check')
    expect(called.filter((script) => !Object.hasOwn(manifest.scripts, script ?? ''))).toEqual([])
  })

  // npm judges the Node that runs npm, not the pinned one that runs the scripts (docs/decisions/0001-native-typescript-on-a-pinned-node.md).
  it('asks for a Node version in words only, so that an older preinstalled one can install', () => {
    expect(manifest.engines).toEqual({ node: '>=22.18' })
    expect(manifest).not.toHaveProperty('devEngines')
    expect(existsSync(join(projectRoot, '.npmrc'))).toBe(false)
  })
})

describe('tools/node-runtime', () => {
  it('holds the Node.js that npm scripts run on, at one version for every platform that it has', () => {
    const pinned = Object.entries(runtime.optionalDependencies)
    const [here] = pinned.filter(([name]) => name === `node-${process.platform}-${process.arch}`)
    expect(new Set(pinned.map(([, version]) => version)).size).toBe(1)
    expect(process.versions.node).toBe(here === undefined ? process.versions.node : here[1])
  })
})

describe('package-lock.json', () => {
  it.each(projectFiles(/package-lock\.json$/))('pins every package by hash and names no registry: %s', (file) => {
    const entries = Object.entries(JSON.parse(readProjectFile(file)).packages as typeof locked)
    const packages = entries.filter(([path, entry]) => path.includes('node_modules/') && entry.link !== true)
    const unpinned = packages.filter(([, entry]) => typeof entry.integrity !== 'string' && entry.inBundle !== true)
    const addressed = entries.filter(([, entry]) => /^https?:/.test(String(entry.resolved)))
    expect(packages.length).toBeGreaterThan(0)
    expect({ unpinned, addressed }).toEqual({ unpinned: [], addressed: [] })
  })
})

describe('.github/workflows/ci.yml', () => {
  it('runs .ci/run and holds no logic of its own', () => {
    const steps = [...readProjectFile('.github/workflows/ci.yml').matchAll(/^\s+(?:- )?(run|uses): (.+)$/gm)]
    expect(steps.map(([, kind, what]) => `${kind} ${what}`)).toEqual(['uses actions/checkout@v4', 'run .ci/run'])
  })
})

import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectFiles, projectRoot, readProjectFile } from './project-files.ts'

const documents = projectFiles(/\.md$/)

/** The anchor that a heading gets when it is shown as HTML. */
function anchorsOf(document: string): string[] {
  return [...readProjectFile(document).matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

function isFound(document: string, link: string): boolean {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? document : join(dirname(document), path)
  return existsSync(join(projectRoot, target)) && (anchor === undefined || anchorsOf(target).includes(anchor))
}

describe('documentation', () => {
  it('links only to files and headings that exist', () => {
    const broken: string[] = []
    for (const document of documents) {
      for (const [, link = ''] of readProjectFile(document).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)) {
        if (!isFound(document, link)) broken.push(`${document}: ${link}`)
      }
    }
    expect(broken).toEqual([])
  })

  it('names only paths of the project that exist', () => {
    const path = /`((?:src|test|docs|bench|scripts|tools|migrations|\.ci|\.github)\/[\w./*-]*)`/g
    const missing: string[] = []
    for (const document of documents) {
      for (const match of readProjectFile(document).matchAll(path)) {
        const named = (match[1] ?? '').replace(/NNNN_name|NAME/, '*')
        if (globSync(named, { cwd: projectRoot }).length === 0) missing.push(`${document}: ${named}`)
      }
    }
    expect(missing).toEqual([])
  })

  it('has every decision that a comment in the code points to', () => {
    const missing: string[] = []
    for (const file of projectFiles(/^(?:src|test|bench|scripts|tools|migrations)\/.*\.(?:ts|sql|grit)$/)) {
      for (const match of readProjectFile(file).matchAll(/\bdocs\/decisions\/[\w.-]*\w/g)) {
        if (globSync(`${match[0]}*`, { cwd: projectRoot }).length === 0) missing.push(`${file}: ${match[0]}`)
      }
    }
    expect(missing).toEqual([])
  })
})

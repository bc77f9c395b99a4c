import { describe, expect, it } from 'vitest'
import { projectFiles, readProjectFile } from './project-files.ts'

const texts = projectFiles().filter((file) => !file.endsWith('.png'))

function filesWith(pattern: RegExp): string[] {
  return texts.filter((file) => pattern.test(readProjectFile(file)))
}

// Spelt in parts, so that this file doesn't find itself.
describe('the texts of the project', () => {
  it('name no path of a machine', () => {
    const roots = ['work', 'farm', 'root', 'Users', 'home/(?!node/)[\\w-]+']
    expect(filesWith(new RegExp(`(?:^|[^\\w.])/(?:${roots.join('|')})/`, 'm'))).toEqual([])
  })

  it('name no package registry', () => {
    expect(filesWith(new RegExp(['registry', 'npmjs'].join('\\.'), 'i'))).toEqual([])
    expect(filesWith(/https?:\/\/[\w.-]*(?:artifactory|nexus|verdaccio)/i)).toEqual([])
  })

  it('end with one line break', () => {
    const unended = texts.filter((file) => !/[^\n]\n$/.test(readProjectFile(file)))
    expect(unended).toEqual([])
  })
})

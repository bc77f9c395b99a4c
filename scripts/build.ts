/**
 * The production bundle: one file for the first answer, and chunks for what loads behind it. Resolving and reading
 * some hundred modules is most of a start from sources (docs/decisions/0013-bundle.md).
 */
import { rm } from 'node:fs/promises'
import { build } from 'esbuild'

const requireForBundledCommonJs = `import { createRequire as __createRequire } from 'node:module'
const require = __createRequire(import.meta.url)`

await rm('dist', { recursive: true, force: true })
const result = await build({
  entryPoints: ['src/bin/server.ts', 'src/bin/medio.ts'],
  outbase: 'src',
  outdir: 'dist',
  // Beside bin/, so that a path from a file to the root is as long as it is in the sources.
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // Names stay as they are, for stacks and profiles. `keepNames` would name every closure again when it is made: 2 µs a
  // request on the way of a health answer.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'external',
  banner: { js: requireForBundledCommonJs },
  // pg's optional native client; never installed.
  external: ['pg-native'],
  metafile: true,
})
for (const [file, { bytes }] of Object.entries(result.metafile.outputs)) {
  if (file.endsWith('.js')) process.stdout.write(`${String(Math.ceil(bytes / 1_024)).padStart(6)} kB  ${file}\n`)
}

/**
 * The production bundle: one file for the first answer, and chunks for what loads behind it. Resolving and reading
 * some hundred modules is most of a start from sources (docs/decisions/0013-bundle.md).
 */
import { copyFile, rm, writeFile } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { build, type Plugin } from 'esbuild'

/**
 * An `import` of a module of Node's evaluates each of its exports for the namespace object, and with them what they
 * load lazily: all streams for `node:fs`, undici for `node:http`. That is a quarter of the way to the first answer.
 */
const builtinsByCall: Plugin = {
  name: 'builtins-by-call',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z0-9_:/]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.replace(/^(node:)?/, 'node:'), namespace: 'builtin' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)})`,
    }))
  },
}

await rm('dist', { recursive: true, force: true })
// Apart: what both need would be chunks of its own, and more files to open before the first answer.
for (const entryPoint of ['src/bin/server.ts', 'src/bin/medio.ts']) {
  const result = await build({
    entryPoints: [entryPoint],
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
    plugins: [builtinsByCall],
    // pg's optional native client; never installed.
    external: ['pg-native'],
    metafile: true,
  })
  for (const [file, { bytes }] of Object.entries(result.metafile.outputs)) {
    if (file.endsWith('.js')) process.stdout.write(`${String(Math.ceil(bytes / 1_024)).padStart(6)} kB  ${file}\n`)
  }
}
// A shell script; it finds the bundle beside itself.
await copyFile('src/bin/supervise', 'dist/bin/supervise')
// Without it Node.js takes each file for CommonJS first, and parses it twice; the image has no other package.json.
await writeFile('dist/package.json', '{ "type": "module" }\n')

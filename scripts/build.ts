/**
 * The production bundle: one file for the first answer, and chunks for what loads behind it. Resolving and reading
 * some hundred modules is most of a start from sources (docs/decisions/0013-bundle.md).
 */
import { copyFile, readFile, rm, writeFile } from 'node:fs/promises'
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

/**
 * Modules that their packages load at once and nobody here calls: a client that pushes metrics (with all of TLS), counts
 * over several processes, the tables of charsets that a JSON body can't have (it is `utf-*`, RFC 8259), and a parser of
 * nested queries (`query parser` is `simple`).
 */
const neverCalled = [
  'prom-client/lib/pushgateway.js',
  'prom-client/lib/cluster.js',
  'prom-client/lib/worker.js',
  'iconv-lite/encodings/sbcs-data-generated.js',
  'iconv-lite/encodings/dbcs-data.js',
  'qs/lib/index.js',
]

/** Of the 2,500 media types of mime-db, all of which mime-types turns about at once, those that the service sends. */
const mediaTypes = ['application/json', 'application/xml', 'image/svg+xml', 'text/html', 'text/markdown', 'text/plain']

const left = new Set<string>()

/** Leaves them empty, and keeps of the media types what is sent. */
const leaveOut: Plugin = {
  name: 'leave-out-what-nobody-calls',
  setup({ onLoad }) {
    const names = neverCalled.join('|').replaceAll('.', '\\.')
    onLoad({ filter: new RegExp(`node_modules/(${names})$`) }, ({ path }) => {
      left.add(path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
      return { contents: '' }
    })
    onLoad({ filter: /node_modules\/mime-db\/db\.json$/ }, async ({ path }) => {
      const all = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
      const kept = Object.fromEntries(mediaTypes.map((type) => [type, all[type]]))
      return { contents: JSON.stringify(kept), loader: 'json' }
    })
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
    plugins: [builtinsByCall, leaveOut],
    // pg's optional native client; never installed.
    external: ['pg-native'],
    metafile: true,
  })
  for (const [file, { bytes }] of Object.entries(result.metafile.outputs)) {
    if (file.endsWith('.js')) process.stdout.write(`${String(Math.ceil(bytes / 1_024)).padStart(6)} kB  ${file}\n`)
  }
}
const missed = neverCalled.filter((module) => !left.has(module))
if (missed.length > 0) throw new Error(`no longer in the bundle, so take them off neverCalled: ${missed.join(', ')}`)
// A shell script; it finds the bundle beside itself.
await copyFile('src/bin/supervise', 'dist/bin/supervise')
// Without it Node.js takes each file for CommonJS first, and parses it twice; the image has no other package.json.
await writeFile('dist/package.json', '{ "type": "module" }\n')

/** CPU of this process for one rendering of an exposition, as JSON on stdout: what the parent compares. */
export async function printRenderingCost(render: () => string | Promise<string>, renderings: number): Promise<void> {
  // Optimised code and a heap that has grown to its size.
  for (let count = 0; count < 50; count += 1) await render()
  const before = process.cpuUsage()
  for (let count = 0; count < renderings; count += 1) await render()
  const { user, system } = process.cpuUsage(before)
  const text = await render()
  process.stdout.write(
    JSON.stringify({
      cpuMs: (user + system) / 1_000 / renderings,
      lines: text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length,
      kilobytes: text.length / 1_000,
    }),
  )
}

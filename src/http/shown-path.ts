/** A caller may send 16 KB of path; so much of it is enough to know it by. */
const shownMax = 256

/** The path of a URL for logs and answers: without its query, which may hold what nobody should read, and cut. */
export function shownPath(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  return path.length <= shownMax ? path : `${path.slice(0, shownMax)}…`
}

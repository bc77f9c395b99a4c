import { posix } from 'node:path'
import { allNamed } from '../nginx-conf.ts'
import type { Rule } from '../rule.ts'

/** What nginx writes beside its logs; it makes each of them at start, used or not. */
const written = [
  'pid',
  'client_body_temp_path',
  'proxy_temp_path',
  'fastcgi_temp_path',
  'uwsgi_temp_path',
  'scgi_temp_path',
]

/** nginx writes where the socket is, in the one directory beside DATA_DIR that the image's user may write to. */
export const writablePaths: Rule = {
  name: 'writable-paths',
  why: 'nginx does not start, or complains at its end, where its user may not write',
  check({ nginx, config }) {
    if (!('socketPath' in config.listen)) return []
    const directory = posix.dirname(config.listen.socketPath)
    return written.flatMap((name) => {
      const set = allNamed(nginx.root, name)[0]
      const next = `Write: ${name} ${directory}/…;`
      if (set === undefined) return [{ at: nginx.root.at, what: `${name} is not set`, next }]
      const [path = ''] = set.args
      if (posix.normalize(path).startsWith(`${directory}/`)) return []
      return [{ at: set.at, what: `${name} is ${path}, outside ${directory}`, next }]
    })
  },
}

import { allNamed } from '../nginx-conf.ts'
import type { Rule } from '../rule.ts'

/** nginx.conf is whole: what it includes is not read here, and may differ in the image. */
export const nginxInclude: Rule = {
  name: 'nginx-include',
  why: 'an included file can open a port or a path that no rule sees',
  check({ nginx }) {
    return allNamed(nginx.root, 'include').map(({ at, args }) => ({
      at,
      what: `nginx.conf includes ${args.join(' ')}`,
      next: 'Write its lines here',
    }))
  },
}

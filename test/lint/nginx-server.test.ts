import { describe, expect, it } from 'vitest'
import { type NginxConf, readNginxConf } from '../../src/lint/nginx-conf.ts'
import { listens, locationOf, publicServer, servers } from '../../src/lint/nginx-server.ts'

const conf = (text: string) => readNginxConf('nginx.conf', text).value as NginxConf
const serverWith = (text: string) => servers(conf(`http { server { ${text} } }`))[0]

describe('a server of nginx', () => {
  it.each([
    ['5000', 5_000, ['ipv4']],
    ['*:5000', 5_000, ['ipv4']],
    ['0.0.0.0:5000 default_server', 5_000, ['ipv4']],
    ['10.0.0.1', 80, ['ipv4']],
    ['medio.internal:81', 81, ['ipv4']],
    ['[::]:5000', 5_000, ['ipv6']],
    ['[::]', 80, ['ipv6']],
    ['[::]:5000 ipv6only=off', 5_000, ['ipv4', 'ipv6']],
    ['127.0.0.1:5000', 5_000, ['internal']],
    ['localhost', 80, ['internal']],
    ['[::1]:5000', 5_000, ['internal']],
    ['unix:/run/nginx.sock', undefined, ['internal']],
  ])('with listen %s has this port and these families', (written, port, wanted) => {
    const [listen] = listens(serverWith(`listen ${written};`) ?? conf('').root)
    const kinds = { ipv4: listen?.ipv4, ipv6: listen?.ipv6, internal: listen?.isInternal }
    expect(listen?.port).toBe(port)
    expect(Object.entries(kinds).filter(([, is]) => is)).toEqual(wanted.map((kind) => [kind, true]))
  })

  it('is the public one when it listens for others on that port', () => {
    const nginx = conf('http { server { listen 127.0.0.1:80; } server { listen 81; } server { listen 80; } }')
    expect(publicServer(nginx, 80)?.block?.[0]?.args).toEqual(['80'])
    expect(publicServer(nginx, 82)).toBeUndefined()
  })
})

describe('the location that nginx takes', () => {
  const server = serverWith(`
    location / { }
    location = /exact { }
    location /prefix { }
    location /prefix/longer { location ~ deep$ { } }
    location ^~ /plain { }
    location ~ \\.json$ { }
    location ~* ^/UPPER { }
    location =/attached { }
  `)
  it.each([
    ['/', '/'],
    ['/other', '/'],
    ['/exact', '= /exact'],
    ['/exact/more', '/'],
    ['/prefixed', '/prefix'],
    ['/prefix/longer/x', '/prefix/longer'],
    ['/prefix/longer/deep', '~ deep$'],
    ['/prefix/a.json', '~ \\.json$'],
    ['/plain/a.json', '^~ /plain'],
    ['/upper', '~* ^/UPPER'],
    ['/attached', '=/attached'],
  ])('for %s is %s', (path, location) => {
    expect(server && locationOf(server, path)?.args.join(' ')).toBe(location)
  })

  it('is taken to be one whose expression only PCRE can read, so that no path is open unseen', () => {
    const pcre = serverWith('location / { } location ~ "(?>a)" { }')
    expect(pcre && locationOf(pcre, '/b')?.args[0]).toBe('~')
  })

  it('is none where none fits', () => {
    expect(locationOf(serverWith('location /a { }') ?? conf('').root, '/b')).toBeUndefined()
  })
})

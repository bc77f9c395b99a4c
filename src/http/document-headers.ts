import type { RequestHandler } from 'express'

/**
 * What a browser needs to be told of an answer that it may show as a page (OWASP, REST Security Cheat Sheet). Health
 * answers go without: they are data for programs, and each header is validated and written anew for every one.
 */
export function documentHeaders(production: boolean): RequestHandler {
  return (_request, response, next) => {
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
    if (production) response.setHeader('Strict-Transport-Security', 'max-age=31536000')
    next()
  }
}

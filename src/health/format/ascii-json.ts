/**
 * JSON in ASCII alone, other characters as `\uXXXX` (RFC 8259, section 7): its length in characters is its length
 * in bytes, so Content-Length costs nothing.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

import { describe, expect, it } from 'vitest'
import { Html, html } from '../../src/status/html.ts'

describe('the HTML template', () => {
  it('escapes every value, in text and in attributes', () => {
    const hostile = `"><script>alert('x')</script>&amp;`
    expect(html`<p title="${hostile}">${hostile}</p>`.markup).toBe(
      '<p title="&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;">' +
        '&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;amp;</p>',
    )
  })

  it('writes markup of its own, lists and numbers, and nothing for undefined', () => {
    const items = ['<a>', 2].map((item) => html`<li>${item}</li>`)
    expect(html`<ul class="${undefined}">${items}${new Html('<hr>')}${[undefined, 'x']}</ul>`.markup).toBe(
      '<ul class=""><li>&lt;a&gt;</li><li>2</li><hr>x</ul>',
    )
  })
})

export const refreshEveryMs = 30_000
/** A machine that has to start first answers within it; one that hangs is told. */
const answerWithinMs = 10_000

/**
 * The only script of the page, as its text: fetches the page again while somebody looks, and puts the new content in
 * place of the old. Fetched and not streamed: an open connection would keep a machine awake and hold up its drain.
 * `DOMParser` runs nothing of what it parses. What failed is told, with the time since when.
 */
export const refreshScript = `(() => {
const everyMs = ${refreshEveryMs}
const find = (id, within = document) => within.getElementById(id)
let shownSinceMs = Date.now(), failedSinceMs, timer, running, paused = false

function showAge() {
  const seconds = Math.max(0, Math.round((Date.now() - shownSinceMs) / 1000))
  find('age').textContent = seconds < 120 ? seconds + ' s ago' : Math.floor(seconds / 60) + ' min ago'
}

function schedule(inMs) {
  clearTimeout(timer)
  if (!document.hidden && !paused) timer = setTimeout(refresh, inMs)
}

function stop() {
  clearTimeout(timer)
  const ended = running
  running = undefined
  ended?.abort()
}

async function refresh() {
  stop()
  const mine = running = new AbortController()
  const tooLong = setTimeout(() => mine.abort(new Error('no answer within ${answerWithinMs / 1_000} s')), ${answerWithinMs})
  try {
    const response = await fetch(location.pathname, { signal: mine.signal, cache: 'no-store', redirect: 'error' })
    if (!response.ok) throw new Error('the answer was ' + response.status)
    const page = new DOMParser().parseFromString(await response.text(), 'text/html')
    if (find('content', page) === null) throw new Error('the answer was no status page')
    if (running === mine) show(page)
  } catch (error) {
    if (running === mine) fail(error instanceof TypeError ? 'no answer' : error.message)
  } finally {
    clearTimeout(tooLong)
    if (running === mine) {
      running = undefined
      schedule(everyMs)
    }
  }
}

function show(page) {
  if (page.documentElement.dataset.build !== document.documentElement.dataset.build) return location.reload()
  const open = [...document.querySelectorAll('details[open]')].map((each) => each.id)
  const focused = selectorOf(document.activeElement)
  const scrolled = document.querySelector('.wide')?.scrollLeft
  const before = find('now').textContent
  find('content').replaceChildren(...find('content', page).childNodes)
  find('rendered-at').replaceWith(find('rendered-at', page))
  document.title = page.title
  document.querySelector('link[rel=icon]').href = page.querySelector('link[rel=icon]').getAttribute('href')
  for (const id of open) find(id)?.setAttribute('open', '')
  const wide = document.querySelector('.wide')
  if (wide && scrolled) wide.scrollLeft = scrolled
  if (focused) document.querySelector(focused)?.focus({ preventScroll: true })
  shownSinceMs = Date.now()
  failedSinceMs = undefined
  find('refresh-failure').textContent = ''
  const now = find('now').textContent
  if (now !== before) find('news').textContent = 'The status is now: ' + now
  showAge()
}

/** Where the focus was, so that it can go there again. */
function selectorOf(element) {
  if (!element?.closest('#content')) return undefined
  if (element.matches('summary')) return '#' + element.parentElement.id + ' > summary'
  return element.matches('a') ? '#content a[href="' + element.getAttribute('href') + '"]' : '.wide'
}

function fail(why) {
  failedSinceMs ??= Date.now()
  const since = new Date(failedSinceMs).toISOString().slice(11, 19)
  find('refresh-failure').textContent = 'Could not refresh since ' + since + ' UTC (' + why + '): what you see is old.'
}

document.addEventListener('visibilitychange', () => {
  if (document.hidden) return stop()
  showAge()
  if (!paused) schedule(Math.min(everyMs, Math.max(0, shownSinceMs + everyMs - Date.now())))
})
addEventListener('pageshow', ({ persisted }) => persisted && !paused && refresh())
const pause = find('pause')
pause.hidden = false
pause.addEventListener('click', () => {
  paused = !paused
  pause.textContent = paused ? 'Go on refreshing' : 'Pause refreshing'
  if (paused) stop()
  else refresh()
})
setInterval(() => document.hidden || showAge(), 1000)
showAge()
schedule(everyMs)
})()`

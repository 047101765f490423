/*
 * Runs before the dashboard, and notes for the tests what happens in the page: WebDriver tells of no request, and of no error.
 * `sessionStorage.without` takes away what an older browser does not have.
 */
globalThis.witness = { errors: [], requests: [], kept: false }

addEventListener('error', ({ message }) => witness.errors.push(message))
addEventListener('unhandledrejection', ({ reason }) => witness.errors.push(String(reason)))
addEventListener('pageshow', ({ persisted }) => {
  witness.kept ||= persisted
})

// As they begin: the browser's own list has them when they have ended, and in some browsers only those that were answered.
const fetched = globalThis.fetch
globalThis.fetch = function (resource, options) {
  const { pathname, search } = new URL(resource.url ?? resource, location.href)
  witness.requests.push({ path: pathname + search, visible: document.visibilityState === 'visible', at: Date.now() })
  if (pathname.endsWith('/stream') && sessionStorage.without?.includes('stream')) return Promise.reject(new TypeError('no stream here'))
  return fetched.call(this, resource, options)
}

if (sessionStorage.without?.includes('locks')) Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })

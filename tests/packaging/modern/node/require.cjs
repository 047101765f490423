const assert = require('node:assert/strict')
const { createElement } = require('react')
const { renderToString } = require('react-dom/server')
const { run } = require('./app.cjs')

const [core, react, live, liveReact] = ['samekey', 'samekey/react', 'samekey/live', 'samekey/live/react'].map((entry) => require(entry))
run({ core, react, live, liveReact, createElement, renderToString }).then(({ fetches, html, oneInstance, status, oneStream }) => {
  assert.equal(fetches, 1, 'two fetches at once and one of a fresh query are one fetch')
  assert.equal(html, '<p>fetch 1</p>')
  assert.ok(oneInstance, 'samekey and samekey/react share one QueryClient')
  assert.equal(status, 'open', 'samekey/live connects')
  assert.ok(oneStream, 'samekey/live/react is samekey/live and its hooks')
})

const assert = require('node:assert/strict')
const { createElement } = require('react')
const { renderToString } = require('react-dom/server')
const { run } = require('./app.cjs')

run({ core: require('samekey'), react: require('samekey/react'), createElement, renderToString }).then(({ fetches, html, oneInstance }) => {
  assert.equal(fetches, 1, 'two fetches at once and one of a fresh query are one fetch')
  assert.equal(html, '<p>fetch 1</p>')
  assert.ok(oneInstance, 'samekey and samekey/react share one QueryClient')
})

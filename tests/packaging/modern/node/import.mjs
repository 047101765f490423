import assert from 'node:assert/strict'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import * as core from 'samekey'
import * as react from 'samekey/react'
import { run } from './app.cjs'

const { fetches, html, oneInstance } = await run({ core, react, createElement, renderToString })
assert.equal(fetches, 1, 'two fetches at once and one of a fresh query are one fetch')
assert.equal(html, '<p>fetch 1</p>')
assert.ok(oneInstance, 'samekey and samekey/react share one QueryClient')

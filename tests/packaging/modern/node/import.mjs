import assert from 'node:assert/strict'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import * as core from 'samekey'
import * as react from 'samekey/react'
import * as live from 'samekey/live'
import * as liveReact from 'samekey/live/react'
import { run } from './app.cjs'

const { fetches, html, oneInstance, status, oneStream } = await run({ core, react, live, liveReact, createElement, renderToString })
assert.equal(fetches, 1, 'two fetches at once and one of a fresh query are one fetch')
assert.equal(html, '<p>fetch 1</p>')
assert.ok(oneInstance, 'samekey and samekey/react share one QueryClient')
assert.equal(status, 'open', 'samekey/live connects')
assert.ok(oneStream, 'samekey/live/react is samekey/live and its hooks')

// @vitest-environment node
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configureFetch } from 'samekey'
import { queryKeys } from 'samekey/shadower'
import { EndpointServer, json } from '../endpointServer'
import { Page, soon } from './page'

const page = new Page()
let endpoints: EndpointServer
let endpointsUrl = ''
beforeEach(async () => {
  endpoints = new EndpointServer()
  endpoints.answer = json({ mrr: 1 })
  endpointsUrl = await endpoints.start()
})
afterEach(() => {
  configureFetch({})
  return endpoints.stop()
})

const fetched = async () => {
  await page.client.fetchQuery({ queryKey: queryKeys.kpis('ws1'), staleTime: 0 })
  return endpoints.headers.at(-1)!['last-event-id']
}

describe('the built-in fetch', () => {
  it('says what was heard last, for the node that answers may have yet to hear of it', async () => {
    configureFetch({ baseUrl: endpointsUrl })
    const heard: unknown[] = []
    // Of several addresses the second is the endpoints' own: as behind a load balancer, both are one server.
    await page.connected({ url: [page.url, `${endpointsUrl}/stream`], onInvalidate: ({ id }) => heard.push(id) })
    page.server.invalidate(['exec:kpis:ws2'])
    await soon(() => expect(heard).toHaveLength(1))
    expect(await fetched()).toBe(heard[0])
  })

  it('says nothing to another server', async () => {
    configureFetch({ baseUrl: endpointsUrl })
    await page.connected()
    expect(await fetched()).toBeUndefined()
  })

  it('says nothing when the stream has been stopped', async () => {
    configureFetch({ baseUrl: endpointsUrl })
    const stream = await page.connected({ url: [page.url, endpointsUrl] })
    expect(await fetched()).toBeDefined()
    stream.stop()
    expect(await fetched()).toBeUndefined()
  })
})

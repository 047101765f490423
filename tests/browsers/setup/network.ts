import type { Browser } from './browser'
import type { View } from './view'

/**
 * Takes the network away, or gives it back. Firefox and Chromium lose it for real. WebKitGTK's browser has no way to do that from
 * outside: there the page is told what the browser would tell it.
 */
export async function setOffline(browser: Browser, view: View, offline: boolean): Promise<void> {
  switch (browser.name) {
    case 'firefox':
      await browser.command('/moz/context', { context: 'chrome' })
      await browser.command('/execute/sync', { script: 'Services.io.offline = arguments[0]', args: [offline] })
      return void (await browser.command('/moz/context', { context: 'content' }))
    case 'chromium':
      return void (await browser.command('/goog/cdp/execute', {
        cmd: 'Network.emulateNetworkConditions',
        params: { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 },
      }))
    case 'webkit':
      return view.read(`dispatchEvent(new Event(arguments[0]))`, offline ? 'offline' : 'online')
  }
}

/** Next.js: a server component and what it prefetched, a client component and a stream of invalidations, built, started, read as HTML and opened in Chromium. */
import { join } from 'node:path'
import { expectCleanPage } from '../harness/pages.mjs'
import { run, withServer } from '../harness/processes.mjs'

const next = (name) => ({
  group: name,
  // One app; what differs is the version of Next.js.
  app: 'next',
  checks: [
    [
      'build, server-rendered HTML, and in the browser',
      async (folder) => {
        const bin = join(folder, 'node_modules/.bin/next')
        await run(bin, ['build'], { cwd: folder })
        await withServer(bin, (port) => ['start', '--port', port, '--hostname', '127.0.0.1'], { cwd: folder }, async (url) => {
          const html = await (await fetch(url)).text()
          for (const expected of ['server: fetch 1, one instance', 'pending: fetch 0, one instance', 'stopped: nothing, told 0', '735 users in the HTML']) {
            if (!html.includes(expected)) throw new Error(`the HTML lacks ${JSON.stringify(expected)}:\n${html.slice(0, 2000)}`)
          }
          await expectCleanPage(url, { '#out': 'success: fetch 2, one instance', '#live': 'open: new, told 1', '#prefetched': '735 users in the browser' })
        })
      },
    ],
  ],
})

export const newest = next('next-newest')
export const fourteen = next('next-14')

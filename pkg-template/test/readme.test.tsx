/**
 * The TypeScript examples of README.md and docs/*.md: each compiles, strictly, and does what the page says. What they
 * fetch comes from a real server. (Rust, Python, HTTP and console examples run in the Rust tests.)
 */
import { readFileSync, readdirSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import * as testingLibrary from '@testing-library/react'
import { cleanup, render, screen } from '@testing-library/react'
import * as React from 'react'
import * as jsxRuntime from 'react/jsx-runtime'
import * as samekey from 'samekey'
import * as samekeyLive from 'samekey/live'
import * as samekeyLiveReact from 'samekey/live/react'
import * as samekeyReact from 'samekey/react'
import * as samekeyShadower from 'samekey/shadower'
import * as samekeyShadowerKeys from 'samekey/shadower/keys'
import * as samekeySlim from 'samekey/slim'
import ts from 'typescript'
import * as vitest from 'vitest'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { soon } from './soon'

// What `findBy…` waits for. Far longer than it takes: what is late on a busy machine is not wrong.
testingLibrary.configure({ asyncUtilTimeout: 60_000 })

const template = join(import.meta.dirname, '..')
const root = join(template, '..')

interface Example {
  /** `docs/react.md: slim.ts` */
  id: string
  file: string
  code: string
}

/** Every `ts` and `tsx` block. */
function examplesOf(page: string): Example[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```(tsx?)(?: (\S+))?\n(.*?)^```$/gms)].map(([, language, name, code]) => {
    if (!name?.endsWith(`.${language}`)) throw new Error(`${page}: a ${language} example needs a file name behind the fence`)
    return { id: `${page}: ${name}`, file: join(template, 'test/.examples', page.replaceAll('/', '-'), name), code: code! }
  })
}

// key-schema.md quotes the generated file; tests/schema/document.rs looks whether it does so faithfully.
const pages = ['README.md', ...readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md') && name !== 'key-schema.md').map((name) => `docs/${name}`)]
const examples = pages.flatMap(examplesOf)

// What the server answers, by path.
const answers: Record<string, unknown> = {
  '/api/token': 'secret',
  '/api/todos': ['write the schema', 'delete the key builders'],
  '/api/orders': { total: 12 },
  '/api/v1/executive/kpis': { dau: 735, mau: 1800 },
  '/api/alerts': { items: ['smoke'], next: 1 },
  '/api/v1/users/churn': { churned: 12 },
  '/api/v1/executive/dashboard': { current: { runs: 107_650 } },
}
const wasmFile = process.env['SAMEKEY_BUILT'] === '1' ? join(root, 'pkg/dist/core.wasm') : join(template, 'src/border/generated/core.wasm')

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname } = new URL(request.url!, 'http://localhost')
  if (pathname === '/assets/core.wasm') {
    response.writeHead(200, { 'content-type': 'application/wasm' }).end(readFileSync(wasmFile))
    return
  }
  if (pathname === '/api/v1/cache/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`id: 7-0\nevent: hello\ndata: {"heartbeat_ms":15000,"looked_back":true}\n\n`)
    authorized.push(request.headers.authorization)
    return
  }
  const body = answers[pathname]
  response
    .writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' })
    .end(JSON.stringify(body ?? { code: 'E_NOT_FOUND', message: 'there is nothing here' }))
}

/** With what the stream was asked for. */
const authorized: Array<string | undefined> = []

// What is downloaded on demand is compiled on demand, too: on a busy machine that is more than a second.
testingLibrary.configure({ asyncUtilTimeout: 10_000 })

const server = createServer(answer)
let origin = ''

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  samekey.configureFetch({ baseUrl: origin })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** Tests that an example declares: collected, since a test cannot hold another. */
let declared: Array<() => unknown> = []
const modules: Record<string, unknown> = {
  react: React,
  'react/jsx-runtime': jsxRuntime,
  '@testing-library/react': testingLibrary,
  vitest: { ...vitest, it: (_name: string, test: () => unknown) => declared.push(test) },
  samekey,
  'samekey/live': samekeyLive,
  'samekey/live/react': samekeyLiveReact,
  'samekey/react': samekeyReact,
  'samekey/shadower': samekeyShadower,
  'samekey/shadower/keys': samekeyShadowerKeys,
  'samekey/slim': samekeySlim,
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever an example exports
type Exports = Record<string, any>

/** Runs an example as a module, on a page of the server's, and gives what it exports. */
async function run({ code, file }: Example): Promise<Exports> {
  declared = []
  const { outputText } = ts.transpileModule(code, {
    fileName: file,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, jsx: ts.JsxEmit.ReactJSX },
  })
  const beside = new Map<string, unknown>()
  for (const other of examples) {
    const name = `./${other.id.split(': ')[1]!.replace(/\.tsx?$/, '')}`
    if (other.file.startsWith(join(file, '..')) && code.includes(`'${name}'`)) beside.set(name, await run(other))
  }
  const imports = (name: string): unknown => {
    if (beside.has(name)) return beside.get(name)
    if (!(name in modules)) throw new Error(`${file} imports ${name}, which this test does not provide`)
    return modules[name]
  }
  const exported: Exports = {}
  const fetchHere = (path: string, init?: RequestInit) => fetch(new URL(path, origin), init)
  const AsyncFunction = (async () => {}).constructor as new (...words: string[]) => (...args: unknown[]) => Promise<void>
  await new AsyncFunction('require', 'exports', 'fetch', outputText)(imports, exported, fetchHere)
  return exported
}

/** Renders a component of an example below a provider. */
function show(Component: React.ComponentType<Record<string, unknown>>, props: Record<string, unknown> = {}): void {
  const client = new samekeyReact.QueryClient()
  render(
    <samekeyReact.QueryClientProvider client={client}>
      <Component {...props} />
    </samekeyReact.QueryClientProvider>,
  )
}

/** As on a page of the server's, where a path is an address. */
function onPage(): void {
  const there = globalThis.fetch
  vi.stubGlobal('fetch', (path: string, init?: RequestInit) => there(new URL(path, origin), init))
}

/** What each example is for, looked at after it ran. */
const outcomes: Record<string, (exported: Exports) => unknown> = {
  'README.md: todos.tsx': async ({ App }) => {
    render(<App />)
    expect(screen.getByText('Loading')).toBeTruthy()
    expect(await screen.findByText('delete the key builders')).toBeTruthy()
  },
  'README.md: kpis.tsx': async ({ Kpis }) => {
    show(Kpis, { workspaceId: 'ws123' })
    expect(await screen.findByText('735 users today')).toBeTruthy()
  },
  'README.md: keys.ts': ({ queryClient }) => {
    expect(queryClient.getQueryData(samekeyShadower.queryKeys.kpis('ws123'))).toEqual({ dau: 735, mau: 1800 })
  },
  'docs/react.md: dashboard.tsx': async ({ Dashboard }) => {
    show(Dashboard, { workspaceId: 'ws123' })
    expect(await screen.findByText('107650 runs, 1800 users')).toBeTruthy()
  },
  'docs/react.md: settings.ts': () => {
    // It names a server that is not there: back to ours.
    samekey.configureFetch({ baseUrl: origin })
  },
  'README.md: live.ts': async ({ stream }) => {
    await soon(() => expect(stream.status).toBe('open'))
    authorized.splice(0)
    stream.stop()
  },
  'docs/live.md: live.ts': async ({ stream }) => {
    await soon(() => expect(stream.status).toBe('open'))
    expect(authorized.splice(0)).toEqual(['Bearer "secret"'])
    stream.stop()
  },
  'docs/live.md: whose.ts': async ({ named, alone }) => {
    for (const stream of [named, alone]) {
      await soon(() => expect(stream.status).toBe('open'))
      stream.stop()
    }
    authorized.splice(0)
  },
  'docs/live.md: signed-in.ts': ({ changeCaller }) => {
    const told: string[] = []
    changeCaller({ clear: () => told.push('clear') }, { stop: () => told.push('stop'), start: () => told.push('start') })
    expect(told).toEqual(['stop', 'clear', 'start'])
  },
  'docs/live.md: app.tsx': async ({ App }) => {
    render(<App />)
    expect(await screen.findByText('Live')).toBeTruthy()
  },
  'docs/moving.md: moved.ts': ({ stale }) => {
    expect(stale).toBe(2)
  },
  'docs/react.md: orders.ts': ({ total }) => {
    expect(total).toBe(12)
  },
  'docs/react.md: invalidate.ts': ({ invalidated }) => {
    expect(invalidated).toBe(true)
  },
  'docs/react.md: refused.tsx': async ({ Overview }) => {
    show(Overview, { workspaceId: 'ws404' })
    expect(await screen.findByText('No such workspace')).toBeTruthy()
  },
  'docs/react.md: providers.tsx': async ({ Providers }) => {
    const Greeting = () => <p>{samekeyReact.useQuery({ queryKey: ['greeting'], queryFn: () => 'hello' }).data}</p>
    render(
      <Providers>
        <Greeting />
      </Providers>,
    )
    expect(await screen.findByText('hello')).toBeTruthy()
  },
  'docs/react.md: users.tsx': async ({ Page }) => {
    show(Page, { workspaceId: 'ws123' })
    expect(screen.getByText('Loading')).toBeTruthy()
    expect(await screen.findByText('735 users today, 12 lost')).toBeTruthy()
  },
  'docs/react.md: page.tsx': async ({ default: Page }) => {
    const page = await Page()
    show(() => page)
    // Without a fetch of the browser's: it is there in the first render.
    expect(screen.getByText('735 users today')).toBeTruthy()
  },
  'docs/react.md: kpis.tsx': async ({ Kpis }) => {
    show(Kpis)
    expect(await screen.findByText('735 users today')).toBeTruthy()
  },
  'docs/react.md: alerts.tsx': async ({ Alerts }) => {
    show(Alerts, { store: 's1' })
    expect(await screen.findByText('smoke')).toBeTruthy()
    screen.getByText('More').click()
    expect(await screen.findByText('smoke, smoke')).toBeTruthy()
  },
  'docs/react.md: kept.ts': async ({ queryClient }) => {
    const { queryKeys } = samekeyShadower
    queryClient.setQueryData(queryKeys.kpis('ws123'), { dau: 735 })
    queryClient.setQueryData(queryKeys.revenue('ws123', '7d'), { secret: 1 })
    window.dispatchEvent(new Event('pagehide'))
    queryClient.clear()
    const again = await run(examples.find(({ id }) => id === 'docs/react.md: kept.ts')!)
    expect(again['queryClient'].getQueryData(queryKeys.kpis('ws123'))).toEqual({ dau: 735 })
    expect(again['queryClient'].getQueryData(queryKeys.revenue('ws123', '7d'))).toBeUndefined()
    localStorage.clear()
  },
  'docs/react.md: slim.ts': ({ queryClient }) => {
    queryClient.setQueryData(['a'], 1)
    expect(queryClient.getQueryData(['a'])).toBe(1)
  },
  'docs/react.md: greeting.test.tsx': async () => {
    expect(declared).toHaveLength(1)
    for (const test of declared) await test()
  },
}

describe('the examples of the documents', () => {
  it('are all looked at, and all there', () => {
    expect(examples.map(({ id }) => id).sort()).toEqual(Object.keys(outcomes).sort())
  })

  it('compile, strictly', { timeout: 300_000 }, () => {
    expect(complaintsOf(examples)).toEqual([])
  })

  it.each(examples)('$id', async (example) => {
    if (example.code.includes("'samekey/live")) onPage()
    await outcomes[example.id]!(await run(example))
  })

  it('hold the two lines of the specification as it wrote them', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    for (const line of [
      "queryClient.invalidateQueries({ queryKey: queryKeys.executive('ws123', '7d') })",
      "queryClient.prefetchQuery({ queryKey: queryKeys.kpis('ws123'), queryFn: () => apiClient.get('/api/v1/executive/kpis?workspace_id=ws123') })",
    ]) {
      expect(readme).toContain(line)
    }
  })

  it('name every error code of the sources', () => {
    const page = readFileSync(join(root, 'docs/react.md'), 'utf8')
    const live = readFileSync(join(root, 'docs/live.md'), 'utf8')
    for (const [file, text] of [['core/samekeyError.ts', page], ['core/httpError.ts', page], ['live/liveError.ts', live]] as const) {
      const codes = readFileSync(join(template, 'src', file), 'utf8').match(/\bE_[A-Z_]+[A-Z]\b/g) ?? []
      expect(codes.length).toBeGreaterThan(4)
      expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([])
    }
  })
})

/** What the compiler has to say of the examples, with the package's own settings. */
function complaintsOf(checked: Example[]): string[] {
  const config = ts.getParsedCommandLineOfConfigFile(join(template, 'tsconfig.json'), {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: () => {} })!
  const host = ts.createCompilerHost(config.options)
  const text = new Map(checked.map(({ file, code }) => [file, code]))
  const { fileExists, readFile, directoryExists } = host
  const folders = new Set(checked.map(({ file }) => join(file, '..')))
  host.directoryExists = (path) => folders.has(path) || directoryExists!(path)
  host.fileExists = (path) => text.has(path) || fileExists(path)
  host.readFile = (path) => text.get(path) ?? readFile(path)
  host.getSourceFile = (path, version) => {
    const code = host.readFile(path)
    return code === undefined ? undefined : ts.createSourceFile(path, code, version)
  }
  const program = ts.createProgram([...text.keys()], { ...config.options, moduleDetection: ts.ModuleDetectionKind.Force }, host)
  const complaints = checked.flatMap(({ file }) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
  return complaints.map(({ file, start, messageText }) => {
    const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line + 1 : 0
    return `${file?.fileName.split('/').slice(-2).join('/')}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })
}

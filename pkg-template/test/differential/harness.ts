/* eslint-disable @typescript-eslint/no-explicit-any -- scenarios use queries of every type */
import type {
  DefaultError,
  MutationObserverOptions,
  MutationObserverResult,
  QueryClient,
  QueryClientConfig,
  QueryFunctionContext,
  QueryKey,
  QueryObserver,
  QueryObserverOptions,
} from '@tanstack/react-query'
import { expect, it, vi } from 'vitest'
import { show, showEvent, showResult, START } from './format'
import { type Library, reference, subject } from './libraries'

type AnyOptions = QueryObserverOptions<any, any, any, any, any>

export interface Watch {
  observer: QueryObserver<any, any, any, any, any>
  /** Stops listening. */
  stop: () => void
}

/** One library, one client, one log: what a scenario plays with. */
export class World {
  readonly lines: string[] = []
  readonly client: QueryClient
  #cleanups: Array<() => void> = []

  constructor(
    readonly lib: Library,
    config: (world: World) => QueryClientConfig,
  ) {
    this.client = new lib.QueryClient(config(this))
    this.client.mount()
    this.client.getQueryCache().subscribe((event) => {
      this.log(`event ${showEvent(event)}`)
    })
    this.client.getMutationCache().subscribe((event) => {
      const action = event.type === 'updated' ? ` ${show(event.action)}` : ''
      this.log(`mutation event ${event.type}${action}`)
    })
  }

  /** Writes one line, with the time. */
  log(text: string): void {
    this.lines.push(`${Date.now() - START} ${text}`)
  }

  /** Writes a value under a name. */
  show(name: string, value: unknown): void {
    this.log(`${name} = ${show(value)}`)
  }

  /** Lets time pass, with all timers and promises that fall due. */
  async advance(ms: number): Promise<void> {
    this.log(`-- advance ${ms}`)
    await vi.advanceTimersByTimeAsync(ms)
  }

  /** A query function that logs each call, takes `delay` ms and gives what `data` says (or throws). */
  fn<T = string>(
    data: (call: number, context: QueryFunctionContext) => T = (call) => `data${call}` as T,
    delay = 10,
  ): (context: QueryFunctionContext<any>) => Promise<T> {
    let calls = 0
    return async (context) => {
      const call = ++calls
      this.log(`queryFn ${show(context.queryKey)} #${call}`)
      await new Promise((resolve) => setTimeout(resolve, delay))
      return data(call, context)
    }
  }

  /** A query function that fails `times` times, then gives data. */
  failing(times: number, delay = 10): (context: QueryFunctionContext<any>) => Promise<string> {
    return this.fn((call) => {
      if (call <= times) throw new Error(`failure${call}`)
      return `data${call}`
    }, delay)
  }

  /** Makes an observer, logs its first result and each one its listener is given. */
  watch(options: AnyOptions, name = 'observer'): Watch {
    const observer = new this.lib.QueryObserver(this.client, options)
    this.log(`${name} before ${showResult(observer.getCurrentResult())}`)
    const stop = this.listen(observer, name)
    this.log(`${name} mounted ${showResult(observer.getCurrentResult())}`)
    return { observer, stop }
  }

  listen(observer: QueryObserver<any, any, any, any, any>, name = 'observer'): () => void {
    const stop = observer.subscribe((result) => {
      this.log(`${name} result ${showResult(result)}`)
    })
    this.#cleanups.push(stop)
    return stop
  }

  /** Logs how a promise ends. */
  track(name: string, promise: Promise<unknown>): void {
    promise.then(
      (value) => this.log(`${name} resolved ${show(value)}`),
      (error: unknown) => this.log(`${name} rejected ${show(error)}`),
    )
  }

  /** Logs a query's whole state. */
  state(queryKey: QueryKey): void {
    this.show(`state ${show(queryKey)}`, this.client.getQueryState(queryKey))
  }

  /** Makes a mutation observer and logs each of its results. */
  mutation<TData = unknown, TVariables = unknown>(
    options: MutationObserverOptions<TData, DefaultError, TVariables, any>,
    name = 'mutation',
  ) {
    const observer = new this.lib.MutationObserver(this.client, options)
    const log = (moment: string, result: MutationObserverResult<TData, DefaultError, TVariables, any>) => {
      this.log(`${name} ${moment} ${show(result)}`)
    }
    log('before', observer.getCurrentResult())
    const stop = observer.subscribe((result) => log('result', result))
    this.#cleanups.push(stop)
    return { observer, stop }
  }

  /** What has to be undone when the scenario ends. */
  defer(cleanup: () => void): void {
    this.#cleanups.push(cleanup)
  }

  end(): void {
    for (const cleanup of this.#cleanups.reverse()) cleanup()
    this.client.unmount()
    this.client.clear()
    this.lib.focusManager.setFocused(undefined)
    this.lib.onlineManager.setOnline(true)
  }
}

export type Play = (world: World) => void | Promise<void>

/** The log of one story on one library. */
export async function record(
  lib: Library,
  play: Play,
  config: (world: World) => QueryClientConfig = () => ({}),
): Promise<string[]> {
  vi.useFakeTimers({ now: START })
  const consoles = (['error', 'warn'] as const).map((method) => vi.spyOn(console, method))
  let world: World | undefined
  try {
    world = new World(lib, config)
    for (const spy of consoles) {
      // React tells in which file a component is; the files differ.
      const places = / \((?:file:\/\/)?[^()]*:\d+:\d+\)/g
      spy.mockImplementation((...args: unknown[]) => world?.log(`console ${show(args).replace(places, '')}`))
    }
    await play(world)
    await vi.advanceTimersByTimeAsync(0)
    const { lines } = world
    world.log('end')
    return [...lines]
  } finally {
    world?.end()
    await vi.advanceTimersByTimeAsync(0)
    vi.clearAllTimers()
    for (const spy of consoles) spy.mockRestore()
    vi.useRealTimers()
  }
}

/**
 * Plays one story on TanStack Query and on ours, and holds that both logs are equal, line by line: results, cache
 * events, calls of query functions, ends of promises, console texts, each with its time.
 */
export function scenario(title: string, play: Play, config: (world: World) => QueryClientConfig = () => ({})): void {
  it(title, async () => {
    const expected = await record(reference, play, config)
    // A story in which nothing happens would prove nothing.
    expect(expected.length).toBeGreaterThan(2)
    const actual = await record(subject, play, config)
    expect(actual).toEqual(expected)
  })
}

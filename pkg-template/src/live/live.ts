import type { LiveLink } from '../border/generated/live.js'
import { LinkAct, LinkSteps, LinkStatusCode, type LinkFaultCode } from '../border/liveWire'
import { focusManager } from '../core/focusManager'
import type { Query } from '../core/query'
import type { QueryClient } from '../core/queryClient'
import { onlineManager } from '../core/onlineManager'
import { Subscribable } from '../core/subscribable'
import { typedKeyFacts } from '../core/typedKey'
import { Connector } from './connector'
import { Coverage } from './coverage'
import { Hearing, type Tell } from './hearing'
import { FAULTS, STATUSES } from './linkCodes'
import { LiveError, type LiveErrorCode, type LiveProblem } from './liveError'
import { newLink } from './load'
import type { Live, LiveOptions, LiveStatus } from './options'
import { watchPage } from './pageLifecycle'
import { Relay } from './relay'
import { run } from './run'
import { sayHeard } from './sayHeard'
import { tabsAreReachable } from './tabs'

/**
 * Connects a client's cache to a stream of invalidations: what the server says has changed is fetched again where it is
 * looked at, and is stale everywhere else. When to connect, which of several tabs does, and what to believe is decided in Rust
 * (src/engine/live).
 */
export function live(queryClient: QueryClient, options: LiveOptions): Live {
  const stream = new InvalidationStream(queryClient, options)
  stream.start()
  return stream
}

/** Whether a query has a key of a schema: the one that it was made with, or the one that those who look at it use. */
const hasFamily = ({ queryKey, options }: Query): boolean => !!(typedKeyFacts(queryKey) ?? typedKeyFacts(options.queryKey ?? []))

class InvalidationStream extends Subscribable<() => void> implements Live {
  readonly #client: QueryClient
  readonly #options: LiveOptions
  readonly #coverage: Coverage
  readonly #hearing: Hearing
  readonly #relay: Relay | undefined
  readonly #connector: Connector
  #link: LiveLink | undefined
  #unsubscribe: (() => void) | undefined
  #status: LiveStatus = 'stopped'
  #error: LiveError | undefined

  constructor(client: QueryClient, options: LiveOptions) {
    super()
    this.#client = client
    this.#options = options
    this.#coverage = new Coverage(client.getQueryCache(), options.covers ?? hasFamily)
    this.#hearing = new Hearing(this.#coverage, this.#tell, options.onInvalidate)
    sayHeard(client.getQueryCache(), options, () => (this.#link ? this.#hearing.seenId : undefined))
    const lookBack = () => this.#link!.lookBack(this.#coverage.oldestDataAt(), Date.now())
    // Cookies may be another caller's by the time that a tab follows; those who know better name the caller.
    const { shareAcrossTabs = !options.includeCredentials } = options
    if (shareAcrossTabs !== false && tabsAreReachable()) {
      this.#relay = new Relay(this.#tell, this.#hearing, () => Date.now() - lookBack())
    }
    this.#connector = new Connector(options, this.#tell, this.#hearing, this.#relay, lookBack)
  }

  get status(): LiveStatus {
    return this.#status
  }

  get error(): LiveError | undefined {
    return this.#error
  }

  get lastEventId(): string | undefined {
    return this.#hearing.lastEventId
  }

  start(): void {
    if (this.#status !== 'stopped') return
    this.stop()
    // What is owed to a page that was hidden is fetched when the client sees the focus.
    this.#client.mount()
    const surroundings = () => void this.#tell(LinkAct.Surroundings)
    const ends = [
      focusManager.subscribe(surroundings),
      onlineManager.subscribe(surroundings),
      watchPage((stands) => this.#tell(stands ? LinkAct.Suspend : LinkAct.Resume)),
      this.#coverage.watch(this.#hearing.patternsSince),
      () => this.#client.unmount(),
    ]
    this.#unsubscribe = () => ends.forEach((end) => end())
    this.#link = newLink(() => this.#tell(LinkAct.Wake), typeof this.#options.token === 'function', this.#relay !== undefined)
    this.#tell(LinkAct.Start)
  }

  stop(): void {
    this.#tell(LinkAct.Stop)
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#link?.free()
    this.#link = undefined
  }

  /** Tells the link, takes the steps that follow, those that run the user's code last, and gives them. */
  readonly #tell: Tell = (act, detail = 0, extra = 0) => {
    const answer = this.#link?.act(act, detail, extra, Date.now(), this.#client.getQueryCache().engine.environment())
    if (answer === undefined) return 0
    const has = (step: LinkSteps) => (answer & step) !== 0
    const status = ((answer >>> 24) & 15) as LinkStatusCode
    const fault = (answer >>> 28) as LinkFaultCode
    const { attempt } = this.#connector
    this.#status = STATUSES[status]
    if (this.#status === 'open') this.#error = undefined
    if (has(LinkSteps.Disconnect)) this.#connector.hangUp()
    if (has(LinkSteps.Uncover)) this.#coverage.set(false)
    if (has(LinkSteps.Cover)) this.#coverage.set(true)
    if (has(LinkSteps.Adopt)) this.#hearing.adopt()
    if (has(LinkSteps.Announce)) this.#relay?.announce(status === LinkStatusCode.Open, fault)
    if (has(LinkSteps.Leave)) this.#relay?.tabs.leave()
    if (has(LinkSteps.Enter)) this.#connector.enter()
    if (has(LinkSteps.Ask)) this.#relay?.ask()
    if (has(LinkSteps.Seize)) this.#relay?.tabs.seize()
    if (has(LinkSteps.Connect)) this.#connector.connect(has(LinkSteps.Renew))
    if (has(LinkSteps.Reset)) this.#hearing.reset()
    if (has(LinkSteps.Apply)) this.#hearing.apply()
    if (has(LinkSteps.Report)) this.#report(FAULTS[fault], attempt)
    if (has(LinkSteps.Status)) {
      this.#connector.settled()
      this.listeners.forEach((listener) => run(listener))
    }
    return answer
  }

  #report(code: LiveErrorCode, attempt: Pick<LiveProblem, 'status' | 'cause'> & { url?: string } = {}): void {
    const { url } = this.#options
    const error = new LiveError({ url: typeof url === 'string' ? url : url[0]!, ...attempt, code })
    this.#error = error
    run(() => this.#options.onError?.(error))
  }
}

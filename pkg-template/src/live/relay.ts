import { LinkAct, LinkSteps, type LinkFaultCode } from '../border/liveWire'
import type { Hearing, Tell } from './hearing'
import { Tabs, type Frame, type TabMessage, type TabsHost } from './tabs'

/**
 * What the tabs tell one another. The one that leads passes on what it hears, and answers those who ask what they have missed;
 * they take it as if the server had told them. Who leads and what is believed is the link's to decide.
 */
export class Relay implements TabsHost {
  readonly tabs = new Tabs(this)
  readonly #tell: Tell
  readonly #hearing: Hearing
  readonly #askedAt: () => number
  /** Since when we asked to be told. */
  #since = 0
  /** Among whom we were last. */
  #audience: string | undefined
  /** The tab that we follow. */
  #leader: number | undefined
  /** How many frames we have passed on. */
  #told = 0
  #heartbeat = NaN
  /** What was announced last. */
  #isOpen = false

  /** `askedAt`: when our oldest data was asked for. What changed since has to be told. */
  constructor(tell: Tell, hearing: Hearing, askedAt: () => number) {
    this.#tell = tell
    this.#hearing = hearing
    this.#askedAt = askedAt
  }

  onElected(): void {
    this.#tell(LinkAct.Elected)
  }

  onDeposed(): void {
    this.#tell(LinkAct.Deposed)
  }

  onLeftAlone(): void {
    this.#tell(LinkAct.LeftAlone)
  }

  enter(name: string): void {
    this.#isOpen = false
    // What we have heard as another caller is not all that these would have heard.
    if (this.#audience !== undefined && this.#audience !== name) this.#hearing.memory.begin(Date.now())
    this.#audience = name
    this.tabs.enter(name)
    this.#tell(LinkAct.Entered)
  }

  ask(): void {
    this.#since = this.#askedAt()
    this.tabs.post({ type: 'ask', last: this.#hearing.lastEventId, since: this.#since })
  }

  announce(isOpen: boolean, fault: LinkFaultCode): void {
    this.#isOpen = isOpen
    this.tabs.post(isOpen ? { type: 'open' } : { type: 'trying', fault })
  }

  /** The server has greeted us; it lets hear from itself so often (ms). */
  greeted(heartbeat: number): void {
    this.#heartbeat = heartbeat
  }

  /** The server is heard. */
  lives(): void {
    // Before that, it would be taken for a word of one who leads.
    if (this.#isOpen) this.tabs.post({ type: 'lives', told: this.#told })
  }

  pass(frame: Frame): void {
    this.tabs.post({ type: 'frame', told: ++this.#told, frame })
  }

  onMessage(message: TabMessage, from: number): void {
    const isOurs = from === this.#leader
    if (message.type === 'ask') {
      if (this.#tell(LinkAct.Asked) & LinkSteps.Welcome) this.#welcome(message, from)
    } else if (message.type === 'welcome') {
      if (message.to === this.tabs.id) this.#follow(message, from)
    } else if (message.type === 'trying') {
      this.#tell(LinkAct.LeaderTries, message.fault, isOurs ? 1 : 0)
    } else if (message.type === 'open' || !isOurs) {
      this.#tell(LinkAct.LeaderChanged, message.type === 'open' ? 1 : 0)
    } else if (message.type === 'lives') {
      this.#tell(LinkAct.LeaderLives, message.told)
    } else if (this.#tell(LinkAct.Relayed, message.told) & LinkSteps.Take) {
      this.#hearing.take(message.frame)
    }
  }

  #welcome({ last, since }: TabMessage & { type: 'ask' }, to: number): void {
    const { memory, lastEventId } = this.#hearing
    this.tabs.post({ type: 'welcome', to, told: this.#told, heartbeat: this.#heartbeat, missed: memory.missed(last, since), last: lastEventId })
  }

  #follow({ told, heartbeat, missed, last }: TabMessage & { type: 'welcome' }, from: number): void {
    const hadPlace = this.#hearing.lastEventId !== undefined
    if (!(this.#tell(LinkAct.Welcomed, heartbeat, told) & LinkSteps.Take)) return
    this.#leader = from
    this.#heartbeat = heartbeat
    const place = { id: last, event: 'beat', data: '' }
    if (!missed) return this.#hearing.take({ ...place, event: 'reset' })
    if (!hadPlace) this.#hearing.memory.begin(this.#since)
    for (const frame of [...missed, place]) this.#hearing.take(frame)
    if (!hadPlace) this.#hearing.caughtUp(this.#since)
  }
}

import { act, cleanup, render } from '@testing-library/react'
import { StrictMode, type ReactNode } from 'react'
import { vi } from 'vitest'
import { show } from './format'
import { scenario, type World } from './harness'

/** Where components are played: what a `World` is to the core. */
export class Stage {
  #rerender: ((node: ReactNode) => void) | undefined

  constructor(
    readonly w: World,
    readonly strict: boolean,
  ) {
    w.defer(cleanup)
  }

  /** Shows a tree under the client's provider, or replaces the one that is shown. */
  render(node: ReactNode): void {
    const { QueryClientProvider } = this.w.lib
    const tree = <QueryClientProvider client={this.w.client}>{node}</QueryClientProvider>
    const whole = this.strict ? <StrictMode>{tree}</StrictMode> : tree
    this.w.log('-- render')
    if (this.#rerender) this.#rerender(whole)
    else this.#rerender = render(whole).rerender
  }

  /** Lets time pass as `World.advance` does, with React's work. */
  async advance(ms: number): Promise<void> {
    this.w.log(`-- advance ${ms}`)
    await act(() => vi.advanceTimersByTimeAsync(ms))
  }

  /** Does something that makes components render. */
  async act(work: () => void): Promise<void> {
    await act(async () => {
      work()
      await Promise.resolve()
    })
  }

  /** Logs one render of a component with what it saw. */
  saw(name: string, value: unknown): void {
    this.w.log(`${name} renders ${show(value)}`)
  }
}

/** A scenario with components. `strict` plays it in StrictMode. */
export function staged(title: string, play: (stage: Stage, w: World) => void | Promise<void>, strict = false): void {
  scenario(title, (w) => play(new Stage(w, strict), w))
}

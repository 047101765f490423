import { Component, Suspense, type ReactNode } from 'react'
import type { Stage } from './stage'

/** Shows a button in place of what threw, and says on the stage what it was. */
export class Boundary extends Component<{ stage: Stage; children: ReactNode; onReset?: () => void }, { error: unknown }> {
  override state = { error: undefined as unknown }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  reset = () => {
    this.props.onReset?.()
    this.setState({ error: undefined })
  }

  override render() {
    if (this.state.error === undefined) return this.props.children
    this.props.stage.saw('boundary', this.state.error)
    return (
      <button type="button" onClick={this.reset}>
        again
      </button>
    )
  }
}

/** Says on the stage that something is waited for. */
export const Waiting = ({ stage }: { stage: Stage }) => {
  stage.saw('fallback', '')
  return null
}

/** What waits and what fails, on the stage. */
export const Framed = ({ stage, onReset, children }: { stage: Stage; onReset?: () => void; children: ReactNode }) => (
  <Boundary stage={stage} {...(onReset && { onReset })}>
    <Suspense fallback={<Waiting stage={stage} />}>{children}</Suspense>
  </Boundary>
)

/** Clicks the buttons that say so. */
export const click = (text: string) => {
  for (const button of document.querySelectorAll('button')) if (button.textContent === text) button.click()
}

/** The same, whose button also resets what failed. */
export const Resettable = ({ stage, children }: { stage: Stage; children: ReactNode }) => {
  const { QueryErrorResetBoundary } = stage.w.lib
  return (
    <QueryErrorResetBoundary>
      {({ reset }) => <Framed stage={stage} onReset={reset} children={children} />}
    </QueryErrorResetBoundary>
  )
}

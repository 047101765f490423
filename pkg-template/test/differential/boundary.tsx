import { Component, type ReactNode } from 'react'
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

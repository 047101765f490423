/** One line of a chart. */
export interface Series<P> {
  label: string
  /** The colour token, by what it stands for. */
  tone: 'accent' | 'teal' | 'bad'
  value: (point: P) => number
}

export const TONE_COLOR: Record<Series<never>['tone'], string> = {
  accent: 'var(--accent)',
  teal: 'var(--teal)',
  bad: 'var(--bad)',
}

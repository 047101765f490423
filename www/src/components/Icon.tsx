/** The few signs of the interface, drawn on a 20 px grid with one stroke. Decorative: the text beside each says the same. */
const PATHS = {
  overview: 'M3.5 16.5v-5M8 16.5v-9M12.5 16.5v-6M17 16.5V4',
  agents: 'M6 6.5h8a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2ZM10 6.5V3.5M7.75 11v1M12.25 11v1',
  users: 'M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2 16.5c.4-2.8 2.6-4.5 5.5-4.5s5.1 1.7 5.5 4.5M13.5 9.3a2.7 2.7 0 0 0 0-5.4M15.5 12.5c1.5.6 2.3 2 2.5 4',
  cache: 'M10 7.5c3.6 0 6-1 6-2.25S13.6 3 10 3 4 4 4 5.25 6.4 7.5 10 7.5ZM4 5.25V10c0 1.25 2.4 2.25 6 2.25s6-1 6-2.25V5.25M4 10v4.75C4 16 6.4 17 10 17s6-1 6-2.25V10',
  sun: 'M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1',
  moon: 'M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7Z',
  system: 'M4 4h12a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1ZM7.5 17h5M10 14v3',
  refresh: 'M16 10a6 6 0 1 1-1.8-4.3M16 3v3.5h-3.5',
  up: 'M5.5 12.5 10 8l4.5 4.5',
  down: 'M5.5 8 10 12.5 14.5 8',
  back: 'M12 5.5 7.5 10l4.5 4.5',
  search: 'M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13 13l3.5 3.5',
  offline: 'M3 3l14 14M2.5 8A11.5 11.5 0 0 1 6 5.8M9 4.6A11.5 11.5 0 0 1 17.5 8M5 11a8 8 0 0 1 3-1.8M12.5 9.5A8 8 0 0 1 15 11M10 15.5h.01',
  alert: 'M10 6.5v4M10 13.5h.01M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15Z',
} as const

export type IconName = keyof typeof PATHS

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      style={{ flex: 'none' }}
    >
      <path d={PATHS[name]} />
    </svg>
  )
}

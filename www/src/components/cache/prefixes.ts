/** Beginnings of keys, from a whole domain to one kind of data: what a browser-side invalidation may name. */
export const PREFIXES: readonly (readonly string[])[] = [
  ['exec'],
  ['exec', 'dashboard'],
  ['exec', 'kpis'],
  ['exec', 'revenue'],
  ['agent'],
  ['agent', 'top'],
  ['agent', 'analytics'],
  ['user'],
  ['user', 'analytics'],
  ['user', 'activity'],
  ['metrics'],
  ['ws'],
]

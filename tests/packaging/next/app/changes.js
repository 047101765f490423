/** What the server knows: a version that is old when it is first read, and new from then on. Global, since each route is a bundle. */
export const changes = (globalThis.changes ??= {
  changed: false,
  listeners: new Set(),
  read() {
    if (this.changed) return 'new'
    this.changed = true
    for (const listener of this.listeners) listener()
    return 'old'
  },
  onChange(listener) {
    this.listeners.add(listener)
    if (this.changed) listener()
    return () => this.listeners.delete(listener)
  },
})

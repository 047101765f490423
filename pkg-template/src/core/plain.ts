function tagIsObject(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Object]'
}

/** An array without holes and without named properties: nothing is lost when its elements are copied. */
export function isPlainArray(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length === Object.keys(value).length
}

/** An object literal, or what JSON could have made: not a class instance, `Date`, `Map` or the like. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (!tagIsObject(value)) return false
  const constructor: unknown = (value as object).constructor
  if (constructor === Object) return Object.getPrototypeOf(value) === Object.prototype
  if (constructor === undefined) return true
  // `constructor` may be data (an own property) or another realm's `Object`: neither is plain, as in TanStack.
  const prototype: unknown = (constructor as { prototype?: unknown }).prototype
  return (
    tagIsObject(prototype) &&
    Object.hasOwn(prototype as object, 'isPrototypeOf') &&
    Object.getPrototypeOf(value) === Object.prototype
  )
}

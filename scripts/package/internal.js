/**
 * The names that only the package's own classes say to each other. An app's minifier must leave a public name as it is and
 * cannot know which are not, so ours are shortened here: 0.3 kB less to download. The source maps say them in full.
 *
 * None may be in the published types (`refuseInternal`): their declarations say `@internal`. A name that a user's object
 * may have as well, such as `queries` or `current`, stays as it is.
 */
const CLASSES =
  'abortController abortNext attach begin bits cancelled core currentQuery detach dynamic endWith executeFetch engine findRefetchable forget ' +
  'forgetFlags getByKey hashesByKeyAlone incoming interval isAttached isIn needsFetch network observerFlags onBecameStale onFetchDue onForgotten ' +
  'onMutationUpdate onQueryRemoved onQueryUpdate onRemoved onRun onUpdated ongoing optimisticFetch outcome owner packed perform ' +
  'provide remember removed resumed revertState runAttempt setDynamic settleError started syncOptions updateQuery'

/** The engine's own, as wasm-bindgen's glue declares them. */
const CORE =
  'act addMutation ask beginWake fetchFailed keyMatches mutationFailed setObserverOptions __wbg_ptr _wbg_cb_unref'

const NAMES = [...CLASSES.split(' '), ...CORE.split(' ')]

/** esbuild's options that shorten them, the same in each file. */
export const shortened = {
  mangleProps: new RegExp(`^(?:${NAMES.join('|')})$`),
  mangleCache: Object.fromEntries(NAMES.map((name, index) => [name, `_${index.toString(36)}`])),
}

/** Throws where published types declare what has another name at run time. */
export function refuseInternal(file, types) {
  const code = types.replaceAll(/\/\*[^]*?\*\//g, '')
  for (const name of NAMES) {
    if (new RegExp(`^\\s*(?:(?:readonly|get|set|static|protected) )*${name}\\??[(:<]`, 'm').test(code)) {
      throw new Error(`${file} declares ${name}, which scripts/package/internal.js shortens: mark it @internal, or leave its name alone`)
    }
  }
}

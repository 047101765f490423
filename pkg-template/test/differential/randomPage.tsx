/* eslint-disable @typescript-eslint/no-explicit-any -- components of queries of every type */
import { startTransition, Suspense, useDeferredValue, useState, type ReactNode } from 'react'
import { Boundary } from './boundary'
import type { World } from './harness'
import { randomness } from './randomChoices'
import { Stage } from './stage'

const KEYS = [['a'], ['a', 1], ['b', { x: 1 }], ['c']] as const
const LIST = ['list']

/** A component on the page: which hook it uses, with which options. */
interface Shown {
  hook: 'useQuery' | 'useSuspenseQuery' | 'useSuspenseQueries' | 'useQueries' | 'useInfiniteQuery' | 'useSuspenseInfiniteQuery' | 'deferred'
  options: any
  more: any
}

/** Plays with a page whose components come, go and change at random, among all that happens to their queries. */
export async function playPage(w: World, seed: number, steps: number): Promise<void> {
  const { below, pick, chance } = randomness(seed)
  const s = new Stage(w, chance(3))

  const functions = KEYS.map((_, index) =>
    w.fn((call) => {
      if (call % 5 === index || call % 7 === 3) throw new Error(`failure${call}`)
      return call % 3 === 0 ? { same: true } : { call }
    }, 10),
  )
  let pages = 0
  const page = async ({ pageParam }: { pageParam: number }) => {
    const call = ++pages
    w.log(`queryFn ["list"] #${call} ${pageParam}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
    if (call % 6 === 2) throw new Error(`failure${call}`)
    return { of: pageParam, call: call % 4 }
  }
  const list = {
    queryKey: LIST,
    queryFn: page,
    initialPageParam: 0,
    getNextPageParam: (_last: unknown, _all: unknown, param: number) => (param < 3 ? param + 1 : null),
    getPreviousPageParam: (_first: unknown, _all: unknown, param: number) => (param > -2 ? param - 1 : null),
  }
  const select = (data: any) => ({ selected: data })
  const plain = () => {
    const key = below(KEYS.length)
    return {
      queryKey: KEYS[key],
      queryFn: functions[key],
      retry: pick([false, 1]),
      retryDelay: 5,
      ...(chance(2) ? { staleTime: pick([0, 30, 1500, Infinity, 'static']) } : {}),
      ...(chance(4) ? { gcTime: pick([0, 50, 1200]) } : {}),
      ...(chance(5) ? { select } : {}),
    }
  }
  const lenient = () => ({
    ...(chance(4) ? { throwOnError: pick<any>([true, (error: Error) => error.message.endsWith('3')]) } : {}),
    ...(chance(6) ? { enabled: chance(2) } : {}),
    ...(chance(5) ? { placeholderData: w.lib.keepPreviousData } : {}),
  })
  const shown = (): Shown => {
    const hook = pick<Shown['hook']>(['useQuery', 'useSuspenseQuery', 'useSuspenseQuery', 'useSuspenseQueries', 'useQueries', 'useInfiniteQuery', 'useSuspenseInfiniteQuery', 'deferred'])
    const other = KEYS[below(KEYS.length)]
    if (hook.includes('Infinite')) return { hook, options: { ...list, retry: pick([false, 1]), retryDelay: 5, ...(chance(3) ? { maxPages: 2 } : {}) }, more: {} }
    const options = plain()
    const second = { ...plain(), queryKey: other, queryFn: functions[KEYS.indexOf(other as never)] }
    return { hook, options: options.queryKey === other ? [options] : [options, second], more: lenient() }
  }

  const turns = new Map<string, (direction: 'fetchNextPage' | 'fetchPreviousPage') => void>()
  // Not whether it is stale: a render for another reason may see that a millisecond before the observer is told.
  const said = ({ data, status, fetchStatus, error, isPlaceholderData, hasNextPage, isFetchingNextPage }: any) => ({
    data, status, fetchStatus, error, isPlaceholderData, hasNextPage, isFetchingNextPage,
  })

  const Slot = ({ name, shown: { hook, options, more } }: { name: string; shown: Shown }) => {
    const { lib } = w
    let seen: unknown
    if (hook === 'useInfiniteQuery' || hook === 'useSuspenseInfiniteQuery') {
      const result = lib[hook](options)
      turns.set(name, (direction) => void result[direction]().catch(() => {}))
      seen = said(result)
    } else if (hook === 'useSuspenseQueries' || hook === 'useQueries') {
      seen = (lib[hook] as any)({ queries: hook === 'useQueries' ? options.map((each: object) => ({ ...each, ...more })) : options }).map(said)
    } else if (hook === 'useQuery') seen = said(lib.useQuery({ ...options[0], ...more }))
    else seen = said(lib.useSuspenseQuery(options[0]))
    s.saw(`${name} ${hook}`, seen)
    return null
  }
  const Deferred = ({ name, shown }: { name: string; shown: Shown }) => <Slot name={name} shown={useDeferredValue(shown)} />
  const Fallback = ({ name }: { name: string }) => {
    s.saw(`${name} fallback`, '')
    return null
  }

  type Screen = { slots: Array<{ name: string; shown: Shown } | undefined>; state: any }
  let screen: Screen = { slots: [], state: undefined }
  let show = (_: Screen) => {}
  const Page = () => {
    const [{ slots, state }, set] = useState(screen)
    show = set
    return (
      <w.lib.HydrationBoundary state={state}>
        {slots.map((slot, index) => slot && <Framed key={`${index} ${slot.name}`} name={slot.name} children={slot.shown.hook === 'deferred' ? <Deferred {...slot} /> : <Slot key={slot.shown.hook} {...slot} />} />)}
      </w.lib.HydrationBoundary>
    )
  }
  const Framed = ({ name, children }: { name: string; children: ReactNode }) => (
    <w.lib.QueryErrorResetBoundary>
      {({ reset }) => (
        <Boundary stage={s} onReset={name.endsWith('3') ? () => {} : reset}>
          <Suspense fallback={<Fallback name={name} />}>{children}</Suspense>
        </Boundary>
      )}
    </w.lib.QueryErrorResetBoundary>
  )

  let names = 0
  const change = (next: Partial<Screen>) => {
    screen = { ...screen, ...next }
    const inTransition = chance(3)
    w.log(`-- ${inTransition ? 'transition to' : 'show'} ${screen.slots.map((slot) => slot && `${slot.name} ${slot.shown.hook}`).join()}`)
    return s.act(() => {
      if (inTransition) startTransition(() => show(screen))
      else show(screen)
    })
  }
  const replaced = (index: number, slot: Screen['slots'][number]) => Object.assign([...screen.slots], { [index]: slot })
  const invalid = () => w.client.getQueryState(LIST)?.isInvalidated

  const moves: Array<[weight: number, move: () => Promise<unknown> | void]> = [
    [4, () => change({ slots: replaced(below(4), { name: `slot${names++}`, shown: shown() }) })],
    [2, () => change({ slots: replaced(below(4), undefined) })],
    [
      4,
      () => {
        const index = below(4)
        const slot = screen.slots[index]
        if (!slot) return
        const next = shown()
        // Another hook would be another component.
        const hook = slot.shown.hook.includes('Infinite') || next.hook.includes('Infinite') ? undefined : slot.shown.hook
        return hook && change({ slots: replaced(index, { ...slot, shown: { ...next, hook } }) })
      },
    ],
    [8, () => s.advance(pick([0, 1, 4, 9, 10, 11, 20, 50, 400, 1100]))],
    [2, () => s.act(() => void w.client.invalidateQueries(chance(2) ? { queryKey: pick(KEYS) } : {}))],
    [1, () => s.act(() => void w.client.refetchQueries({ queryKey: pick([...KEYS, LIST]) }))],
    [1, () => s.act(() => w.client.removeQueries({ queryKey: pick([...KEYS, LIST]) }))],
    [1, () => s.act(() => void w.client.resetQueries({ queryKey: pick([...KEYS, LIST]), type: 'active' }))],
    [1, () => s.act(() => void w.client.cancelQueries({ queryKey: pick([...KEYS, LIST]) }))],
    [1, () => s.act(() => void w.client.setQueryData(pick(KEYS), { set: below(3) }))],
    [
      3,
      () =>
        s.act(() => {
          for (const button of document.querySelectorAll('button')) button.click()
        }),
    ],
    [
      3,
      () => {
        const direction = chance(3) ? 'fetchPreviousPage' : 'fetchNextPage'
        const names = screen.slots.flatMap((slot) => (slot && turns.has(slot.name) ? [slot.name] : []))
        if (names.length === 0 || invalid()) return
        w.log(`-- ${names[0]} ${direction}`)
        return s.act(() => turns.get(names[0]!)!(direction))
      },
    ],
    [
      2,
      () => {
        const queryKey: readonly unknown[] = pick([...KEYS, LIST])
        const at = Date.now() + pick([-60, -20, -5, 0])
        const data = queryKey === LIST ? { pages: [{ of: 0 }], pageParams: [0] } : { sent: below(3) }
        const other = new w.lib.QueryClient()
        other.setQueryData(queryKey, data, { updatedAt: at })
        const state = w.lib.dehydrate(other)
        other.clear()
        w.log(`-- hydrate ${JSON.stringify(queryKey)} of ${at - Date.now()}`)
        return change({ state })
      },
    ],
    [1, () => s.act(() => w.lib.onlineManager.setOnline(!w.lib.onlineManager.isOnline()))],
  ]
  const bag = moves.flatMap(([weight, move]) => Array.from({ length: weight }, () => move))
  s.render(<Page />)
  for (let step = 0; step < steps; step++) {
    await pick(bag)()
    if (chance(3)) continue
    await s.advance(0)
    for (const key of [...KEYS, LIST]) w.show(`  ${JSON.stringify(key)}`, w.client.getQueryState(key))
  }
  w.lib.onlineManager.setOnline(true)
  await s.advance(3000)
  w.log('-- nobody is left')
  s.render(null)
  await s.advance(0)
  for (const query of w.client.getQueryCache().getAll()) w.show(`  ${JSON.stringify(query.queryKey)}`, [query.getObserversCount(), query.state.fetchStatus])
  for (const key of [...KEYS, LIST]) w.show(`  ${JSON.stringify(key)}`, w.client.getQueryState(key))
}

/**
 * What a page's log says that both libraries must say alike: what was asked for and when, what each component showed when all
 * was done in a millisecond, and the states in between. How often a component rendered until then is another matter.
 */
export function byComponent(lines: string[]): string[] {
  const nameOf = (line: string) => /^\d+ (slot\d+|boundary|queryFn (?:undefined|\[.*\])| {2}\[.*\]|--)/.exec(line)?.[1]
  const kept = lines
    .map((line) => ({ line, time: Number.parseInt(line), name: nameOf(line) }))
    .filter(({ name }) => name !== undefined)
    .sort((a, b) => a.time - b.time || (a.name! < b.name! ? -1 : a.name! > b.name! ? 1 : 0))
  return kept
    .filter(({ time, name }, index) => !/slot|boundary/.test(name!) || kept[index + 1]?.name !== name || kept[index + 1]?.time !== time)
    .map(({ line }) => line)
}

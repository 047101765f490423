import { describe } from 'vitest'
import { scenario } from './harness'

describe('select', () => {
  scenario('shapes the data of one observer', async (w) => {
    const queryFn = w.fn((call) => ({ n: call }))
    w.watch({ queryKey: ['a'], queryFn, select: (data: { n: number }) => data.n }, 'number')
    w.watch({ queryKey: ['a'], queryFn }, 'whole')
    await w.advance(20)
    w.state(['a'])
  })

  scenario('runs once per data and function', async (w) => {
    const select = (data: number) => {
      w.log(`select ${data}`)
      return { data }
    }
    const { observer } = w.watch({ queryKey: ['a'], queryFn: w.fn((call) => call), select })
    await w.advance(20)
    observer.setOptions({ ...observer.options })
    w.track('refetch', observer.refetch())
    await w.advance(20)
    observer.setOptions({
      ...observer.options,
      select: (data: number) => {
        w.log(`other select ${data}`)
        return data
      },
    })
    await w.advance(20)
  })

  scenario('an equal selection keeps its reference and tells nobody who only reads data', async (w) => {
    const { observer } = w.watch({
      queryKey: ['a'],
      queryFn: w.fn((call) => ({ same: [1], call })),
      select: (data: { same: number[] }) => ({ same: data.same }),
      notifyOnChangeProps: ['data'],
    })
    await w.advance(20)
    const before = observer.getCurrentResult().data
    w.track('refetch', observer.refetch())
    await w.advance(20)
    w.show('same', before === observer.getCurrentResult().data)
  })

  scenario('an error in it is the error of the result, not of the query', async (w) => {
    const { observer } = w.watch({
      queryKey: ['a'],
      queryFn: w.fn((call) => call),
      select: (data: number) => {
        if (data === 2) throw new Error('cannot select')
        return data
      },
    })
    await w.advance(20)
    w.track('refetch', observer.refetch())
    await w.advance(20)
    w.state(['a'])
    w.track('refetch', observer.refetch())
    await w.advance(20)
  })

  scenario('is not run without data', async (w) => {
    w.watch({
      queryKey: ['a'],
      queryFn: w.failing(9),
      retry: false,
      select: (data) => {
        w.log('select')
        return data as unknown
      },
    })
    await w.advance(20)
  })
})

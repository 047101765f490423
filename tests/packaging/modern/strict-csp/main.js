import { QueryClient } from 'samekey'

const out = document.getElementById('root').appendChild(document.createElement('p'))
out.id = 'out'
try {
  new QueryClient().setQueryData(['greeting'], 1)
  out.textContent = 'no error'
} catch (error) {
  out.textContent = `${error.code} names 'wasm-unsafe-eval': ${error.message.includes("'wasm-unsafe-eval'")}`
}

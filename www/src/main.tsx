import '@fontsource-variable/inter'
import './styles/tokens.css'
import './styles/base.css'
import './api/live'
import { QueryClientProvider } from 'samekey/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/query-client'
import { App } from './App'
import { applyStoredTheme } from './state/theme'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root to render into')

applyStoredTheme()

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
)

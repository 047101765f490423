import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `make demo` listens; `vite dev` serves the pages and asks there for data. */
const api = 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/api': api, '/health': api } },
})

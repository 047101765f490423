import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where the demo's API listens while `vite dev` serves the pages. */
const api = process.env.SAMEKEY_API ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/api': api, '/health': api } },
})

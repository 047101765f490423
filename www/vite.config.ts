import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Where `make demo` listens; `vite dev` serves the pages and asks there for data. */
const api = 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react()],
  server: { proxy: { '/api': api, '/health': api } },
  build: {
    rolldownOptions: {
      output: {
        // These change more rarely than the pages: a browser keeps them over a new build. samekey divides itself: its
        // built-in fetch comes on demand.
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'charts', test: /node_modules\/(@visx|d3-|internmap)/ },
          ],
        },
      },
    },
  },
})

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
        // Libraries change more rarely than the pages: a browser keeps them over a new build of the dashboard.
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'samekey', test: /node_modules\/samekey\// },
            { name: 'charts', test: /node_modules\/(@visx|d3-|internmap)/ },
          ],
        },
      },
    },
  },
})

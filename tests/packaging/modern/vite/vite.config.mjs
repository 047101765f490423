import { defineConfig } from 'vite'
import { changingVersion } from '../shared/stream.mjs'

/** The app's own server, beside that of Vite. */
const server = {
  name: 'changing-version',
  configureServer({ middlewares }) {
    const answer = changingVersion()
    middlewares.use((request, response, next) => answer(request, response) || next())
  },
}

export default defineConfig({ plugins: [server] })

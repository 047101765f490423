import { start } from '../shared/start.js'

start(document.getElementById('root'))

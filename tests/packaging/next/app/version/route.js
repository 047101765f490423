import { changes } from '../changes'

export const dynamic = 'force-dynamic'

export const GET = () => Response.json({ version: changes.read() })

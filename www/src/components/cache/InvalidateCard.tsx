import { useState } from 'react'
import type { Subjects } from '../../api/events'
import type { InvalidationScope } from '../../api/server-cache'
import { Button } from '../Button'
import { Card } from '../Card'
import { FieldRow } from './FieldRow'
import { PREFIXES } from './prefixes'
import { SubjectSelect } from './SubjectSelect'
import styles from './InvalidateCard.module.css'

interface Choice {
  id: string
  name: string
}

interface Props {
  subjects: Subjects
  workspaceName: string
  agents: Choice[]
  users: Choice[]
  onAgent: (id: string) => void
  onUser: (id: string) => void
  onScope: (label: string, scope: InvalidationScope) => void
  onPrefix: (label: string, queryKey: readonly string[]) => void
}

/** One button for each way to say what is no longer true. The first four ask the server; the last stays in this browser. */
export function InvalidateCard({ subjects, workspaceName, agents, users, onAgent, onUser, onScope, onPrefix }: Props) {
  const { workspaceId, agentId, userId } = subjects
  const [pattern, setPattern] = useState(`exec:*:${workspaceId}:*`)
  const [prefix, setPrefix] = useState(0)
  const chosen = PREFIXES[prefix]
  return (
    <Card title="Invalidate" note="dropped on the server, then refetched here where it is shown">
      <div className={styles.rows}>
        <FieldRow label="Workspace">
          <output className={styles.fixed}>{workspaceName}</output>
          <Button onClick={() => onScope(`workspace ${workspaceName}`, { workspace: workspaceId })}>Invalidate workspace</Button>
        </FieldRow>
        <FieldRow label="Agent">
          <SubjectSelect label="Agent to invalidate" value={agentId} choices={agents} onChange={onAgent} />
          <Button disabled={agentId === ''} onClick={() => onScope(`agent ${agentId}`, { agent: agentId })}>
            Invalidate agent
          </Button>
        </FieldRow>
        <FieldRow label="User">
          <SubjectSelect label="User to invalidate" value={userId} choices={users} onChange={onUser} />
          <Button disabled={userId === ''} onClick={() => onScope(`user ${userId}`, { user: userId })}>
            Invalidate user
          </Button>
        </FieldRow>
        <FieldRow label="Pattern">
          <input className={styles.input} aria-label="Pattern to invalidate" value={pattern} spellCheck={false} onChange={(event) => setPattern(event.target.value)} />
          <Button disabled={pattern.trim() === ''} onClick={() => onScope(`pattern ${pattern}`, { pattern: pattern.trim() })}>
            Invalidate pattern
          </Button>
        </FieldRow>
        <FieldRow label="Key prefix">
          <SubjectSelect
            label="Key prefix to invalidate in this browser"
            value={String(prefix)}
            choices={PREFIXES.map((entry, index) => ({ id: String(index), name: entry.join(' : ') }))}
            onChange={(index) => setPrefix(Number(index))}
          />
          <Button disabled={chosen === undefined} onClick={() => chosen && onPrefix(`prefix ${chosen.join(':')}`, chosen)}>
            In this browser
          </Button>
        </FieldRow>
      </div>
    </Card>
  )
}

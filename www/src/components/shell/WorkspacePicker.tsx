import { useQuery } from 'samekey/react'
import { workspacesQuery } from '../../api/lists'
import { words } from '../../format/number'
import { useScope } from '../../state/scope'
import styles from './WorkspacePicker.module.css'

/** A native select: it is keyboard, touch and screen-reader ready, and a phone shows its own wheel. */
export function WorkspacePicker() {
  const { workspaceId, setWorkspace } = useScope()
  const { data } = useQuery(workspacesQuery())
  const list = data?.workspaces ?? []
  const known = list.some((workspace) => workspace.id === workspaceId)
  return (
    <label className={styles.picker}>
      <span className="hidden-visually">Workspace</span>
      <select className={styles.select} value={workspaceId} onChange={(event) => setWorkspace(event.target.value)}>
        {!known && <option value={workspaceId}>{workspaceId}</option>}
        {list.map(({ id, name, plan }) => (
          <option key={id} value={id}>
            {name} · {words(plan)}
          </option>
        ))}
      </select>
    </label>
  )
}

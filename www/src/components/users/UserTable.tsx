import type { User } from '../../api/lists'
import { words } from '../../format/number'
import table from '../Table.module.css'
import { UserLink } from './UserLink'

export function UserTable({ users }: { users: User[] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" className={table.wideOnly}>
            Email
          </th>
          <th scope="col">Segment</th>
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <tr key={user.id}>
            <td>
              <UserLink id={user.id} name={user.name} />
            </td>
            <td className={`${table.quiet} ${table.wideOnly}`}>{user.email}</td>
            <td>{words(user.segment)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

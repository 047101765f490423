import { setTheme, useTheme, type Theme } from '../../state/theme'
import { Icon, type IconName } from '../Icon'
import { Segmented } from '../Segmented'

const THEMES: readonly { value: Theme; label: string; icon: IconName }[] = [
  { value: 'light', label: 'Light', icon: 'sun' },
  { value: 'system', label: 'System', icon: 'system' },
  { value: 'dark', label: 'Dark', icon: 'moon' },
]

export function ThemeToggle() {
  return (
    <Segmented
      legend="Theme"
      value={useTheme()}
      onChange={setTheme}
      options={THEMES.map(({ value, label, icon }) => ({ value, label, content: <Icon name={icon} size={17} /> }))}
    />
  )
}

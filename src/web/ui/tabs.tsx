import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { TabList, type TabItem } from './tab-list.tsx'

/** One of several panels, by tabs that arrows go through. */
export function Tabs ({ label, tabs, current, onChange, children }: {
  readonly label: string
  readonly tabs: readonly TabItem[]
  readonly current: string
  readonly onChange: (id: string) => void
  readonly children: ComponentChildren
}) {
  const id = useId()
  return (
    <div class="tabs">
      <TabList id={id} label={label} tabs={tabs} current={current} onChange={onChange} panel={`${id}-panel`} />
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${current}`} class="tab-panel">{children}</div>
    </div>
  )
}

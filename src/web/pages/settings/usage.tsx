import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useAttempt, useConsole } from '../../shell/console.ts'

interface OwnUsage {
  readonly runs: number
  readonly cpuSeconds: number
  readonly projects: number
  readonly projectsRunning: number
  readonly snapshotBytes: number
}

const MIB = 1024 ** 2

/** What was used in thirty days. */
export function Usage () {
  const { api, texts: { settings: texts, locale } } = useConsole()
  const attempt = useAttempt()
  const usage = useSignal<OwnUsage | undefined>(undefined)
  useEffect(() => { void attempt(async () => { usage.value = await api.get<OwnUsage>('/auth/me/usage') }) }, [])
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const { runs = 0, cpuSeconds = 0, projects = 0, projectsRunning = 0, snapshotBytes = 0 } = usage.value ?? {}
  const facts = [[texts.runs, number.format(runs)], [texts.cpu, `${number.format(cpuSeconds)} s`], [texts.projects, `${projects} (${texts.running(projectsRunning)})`], [texts.snapshots, `${number.format(snapshotBytes / MIB)} MB`]] as const

  return (
    <section class="card stack" aria-labelledby="usage">
      <h2 id="usage">{texts.usage}</h2>
      <dl class="chips">{facts.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
    </section>
  )
}

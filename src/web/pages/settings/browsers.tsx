import { describeAgo } from '../../ago.ts'
import { useAttempt, useConsole } from '../../shell/console.ts'
import { usePaged } from '../../shell/paged.ts'
import { Button } from '../../ui/button.tsx'
import { Table } from '../../ui/table.tsx'

interface Browser {
  readonly id: string
  readonly createdAt: string
  readonly ip: string | null
  readonly userAgent: string | null
  readonly current: boolean
}

/** Where one is signed in, each of which can be ended. */
export function Browsers () {
  const { api, texts: { settings: texts, shell, locale } } = useConsole()
  const attempt = useAttempt()
  const { items, load, more } = usePaged<Browser>('/auth/sessions', 'sessions')

  async function end (path: string): Promise<void> {
    await attempt(async () => await api.delete(path))
    await load()
  }

  return (
    <section class="card stack" aria-labelledby="browsers">
      <h2 id="browsers">{texts.browsers}</h2>
      <Table
        caption={texts.browsers} head={[texts.browser, texts.address, texts.since, texts.actions]} none="" more={shell.more} onMore={more}
        rows={items.value?.map(({ id, createdAt, ip, userAgent, current }) => ({
          id,
          cells: [
            <span class="wrap" key="agent">{userAgent ?? '–'}</span>, ip ?? '–', describeAgo(createdAt, new Date(), locale),
            current ? texts.thisOne : <Button key="end" onPress={async () => await end(`/auth/sessions/${id}`)}>{texts.end}</Button>
          ]
        }))}
      />
      {(items.value?.length ?? 0) > 1 && <div><Button onPress={async () => await end('/auth/sessions')}>{texts.endOthers}</Button></div>}
    </section>
  )
}

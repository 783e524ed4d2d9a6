import { Menu, type MenuItem } from '../ui/menu.tsx'
import { themes } from '../theme.ts'
import { useAttempt, useConsole } from './console.ts'

/** Who is signed in, how the pages look, and what is about both. */
export function AccountMenu () {
  const { texts, session, commands, theme } = useConsole()
  const attempt = useAttempt()
  const user = session.user.value
  const looks: MenuItem[] = themes.map((value) => ({ label: texts.themes[value], isChosen: theme.chosen.value === value, onPress: () => theme.choose(value) }))
  const help: MenuItem[] = [
    { label: texts.commands.keys, onPress: () => commands.run('keys') },
    { label: texts.commands.docs, href: '/docs' }
  ]
  if (user === null || user === undefined) return <Menu label={texts.shell.appearance} button="◐" groups={[looks, help]} class="icon" />

  const leave: MenuItem = { label: texts.shell.signOut, onPress: async () => await attempt(async () => await session.leave()) }
  return <Menu label={texts.shell.account(user.email ?? '')} button={<><span class="account-email">{user.email}</span> ▾</>} groups={[[{ label: texts.shell.settings, href: '/settings' }], looks, help, [leave]]} class="account" />
}

import { useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import { Tabs } from '../../ui/tabs.tsx'
import { Audit } from './audit.tsx'
import { Images } from './images.tsx'
import { AllProjects } from './projects.tsx'
import { Users } from './users.tsx'

const sections = ['users', 'projects', 'images', 'audit'] as const
type Section = typeof sections[number]

/** What administrators look after. The section is in the address. */
export default function AdminPage () {
  const { texts: { admin: texts }, session, router } = useConsole()
  const wanted = router.place.value.params['section']
  const current: Section = sections.find((section) => section === wanted) ?? 'users'
  useTitle(texts.title)
  if (session.user.value?.role !== 'admin') return <><h1>{texts.title}</h1><p>{texts.only}</p></>

  return (
    <>
      <h1>{texts.title}</h1>
      <Tabs label={texts.title} tabs={sections.map((id) => ({ id, label: texts.sections[id] }))} current={current} onChange={(id) => router.go(`/admin/${id}`)}>
        {current === 'users' && <Users />}
        {current === 'projects' && <AllProjects />}
        {current === 'images' && <Images />}
        {current === 'audit' && <Audit />}
      </Tabs>
    </>
  )
}

import { useConsole } from '../../shell/console.ts'
import { useTitle } from '../../shell/title.ts'
import { Assignments } from './assignments.tsx'
import { OwnCopies } from './own-copies.tsx'
import { Roster } from './roster.tsx'

/** What teachers give out, and what students have opened of it. */
export default function ClassesPage () {
  const { texts: { classes: texts }, session, router } = useConsole()
  const { id } = router.place.value.params
  const isTeacher = session.user.value?.role === 'teacher' || session.user.value?.role === 'admin'
  useTitle(texts.title)

  if (id !== undefined && isTeacher) return <Roster key={id} id={id} />
  return (
    <>
      <h1>{texts.title}</h1>
      {isTeacher && <Assignments />}
      <OwnCopies isAlone={!isTeacher} />
    </>
  )
}

import { useConsole } from '../shell/console.ts'
import { useTitle } from '../shell/title.ts'

export default function NotFoundPage () {
  const { texts } = useConsole()
  useTitle(texts.notFound.title)
  return (
    <section class="card gate">
      <h1>{texts.notFound.title}</h1>
      <p>{texts.notFound.text}</p>
      <p><a href="/">{texts.notFound.home}</a></p>
    </section>
  )
}

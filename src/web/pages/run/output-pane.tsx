import { useEffect, useRef } from 'preact/hooks'
import { wordsFor } from '../../words.ts'
import { useConsole } from '../../shell/console.ts'
import { Button } from '../../ui/button.tsx'
import type { Result, Runs } from './runs.ts'

const MIB = 1024 ** 2

/** What the program prints, the line that it waits for, and how it has ended. */
export function OutputPane ({ runs, attach }: { readonly runs: Runs, readonly attach: (element: HTMLElement | null) => void }) {
  const { texts: { run: texts } } = useConsole()
  const state = runs.state.value
  const line = useRef<HTMLInputElement>(null)
  const isWaiting = state.name === 'waiting'

  useEffect(() => { if (isWaiting) line.current?.focus() }, [isWaiting])

  function send (event: SubmitEvent): void {
    event.preventDefault()
    const { current } = line
    if (current === null) return
    runs.send(current.value)
    current.value = ''
  }

  return (
    <div class="card output-pane">
      <pre ref={attach} class="output" role="log" aria-live="off" aria-label={texts.output} tabIndex={0} />
      {(state.name === 'running' || isWaiting) && (
        <form class="joined" onSubmit={send}>
          <input ref={line} class="code" aria-label={texts.inputLine} placeholder={isWaiting ? texts.waiting : texts.inputLine} autocomplete="off" spellcheck={false} />
          <Button type="submit">{texts.send}</Button>
          <Button onPress={() => runs.end()}>{texts.endInput}</Button>
        </form>
      )}
      <p role="status" class="quiet">{state.name === 'ended' ? describe(state.result, texts) : state.name === 'refused' ? '' : texts.states[state.name]}</p>
      {state.name === 'refused' && <p role="alert" class="problem">{state.message === '' ? texts.lost : wordsFor(state.code, state.message)}</p>}
      {state.name === 'ended' && <Facts result={state.result} />}
    </div>
  )
}

type RunTexts = ReturnType<typeof useConsole>['texts']['run']

function describe ({ status, exitCode, signal }: Result, texts: RunTexts): string {
  const words = texts.statuses[status as keyof RunTexts['statuses']] ?? status
  return signal !== null ? `${words} · ${signal}` : exitCode === null ? words : `${words} · ${texts.exitCode(exitCode)}`
}

function Facts ({ result: { executionTime, cpuTime, memory, artifacts = [] } }: { readonly result: Result }) {
  const { texts: { run: texts, locale } } = useConsole()
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const facts = [[texts.time, `${number.format(executionTime)} ms`], [texts.cpu, `${number.format(cpuTime)} ms`], [texts.memory, `${number.format(memory / MIB)} MB`]] as const
  return (
    <>
      <dl class="chips">{facts.map(([label, value]) => <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
      {artifacts.map(({ path, mediaType, content }) => (
        <figure key={path} class="artifact">
          <img src={`data:${mediaType};base64,${content}`} alt={texts.pictureOf(path)} />
          <figcaption><a href={`data:${mediaType};base64,${content}`} download={path}>{path}</a></figcaption>
        </figure>
      ))}
    </>
  )
}

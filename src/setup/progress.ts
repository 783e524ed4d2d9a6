import { stripVTControlCharacters } from 'node:util'

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100
const ERASE_LINE = '\x1b[2K'
const UP = '\x1b[1A'

export interface ProgressTask {
  readonly line: (text: string) => void
  readonly succeed: (text: string) => void
  readonly fail: (text: string) => void
}

export interface Progress {
  /** Begins a task; several may run at once. */
  readonly start: (name: string) => ProgressTask
}

export interface ProgressOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly write: (text: string) => unknown
}

/** On a terminal one live line for each task, with its newest output and seconds; elsewhere every line as it comes. */
export function createProgress (output: ProgressOutput, now: () => number = Date.now): Progress {
  return output.isTTY === true ? createLiveProgress(output, now) : createPlainProgress(output, now)
}

function createPlainProgress (output: ProgressOutput, now: () => number): Progress {
  return {
    start (name) {
      const begun = now()
      const print = (text: string): void => { output.write(`${name} | ${printable(text)}\n`) }
      const end = (text: string): void => print(`${text} (${seconds(now() - begun)})`)
      return { line: print, succeed: end, fail: end }
    }
  }
}

function createLiveProgress (output: ProgressOutput, now: () => number): Progress {
  const tasks = new Set<{ name: string, begun: number, latest: string }>()
  let timer: NodeJS.Timeout | undefined
  let frame = 0
  let shown = 0

  const fit = (text: string): string => text.slice(0, (output.columns ?? 80) - 1)

  function render (finished = ''): void {
    const lines = [...tasks].map(({ name, begun, latest }) =>
      fit(`${FRAMES[frame % FRAMES.length]} ${name} ${seconds(now() - begun)} ${latest}`))
    output.write(`${UP}${ERASE_LINE}`.repeat(shown) + finished + lines.map((line) => `${line}\n`).join(''))
    shown = lines.length
  }

  function tick (): void {
    frame++
    render()
  }

  return {
    start (name) {
      const task = { name, begun: now(), latest: '' }
      const end = (mark: string) => (text: string): void => {
        tasks.delete(task)
        if (tasks.size === 0) {
          clearInterval(timer)
          timer = undefined
        }
        render(`${fit(`${mark} ${name}: ${printable(text)} (${seconds(now() - task.begun)})`)}\n`)
      }
      tasks.add(task)
      timer ??= setInterval(tick, FRAME_MS).unref()
      render()
      return {
        line (text) { task.latest = printable(text) },
        succeed: end('✓'),
        fail: end('✗')
      }
    }
  }
}

/** What a package's script prints must not move the cursor. */
function printable (text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\p{Cc}+/gu, ' ').trim()
}

function seconds (ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

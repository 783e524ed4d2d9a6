/** What is known of the build of an image since the server's start. */
export interface BuildReport {
  readonly state: 'queued' | 'building' | 'built' | 'failed'
  /** Of its Dockerfile, such as `3/7 : RUN make`. */
  readonly step: string | null
  readonly error: string | null
  /** The end of what was printed. */
  readonly log: string
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

const LOG_CHARACTERS = 64 * 1024
const LINE_CHARACTERS = 2_000
const STEP = /^Step (\d+\/\d+ : .{1,200})/
const QUEUED: BuildReport = { state: 'queued', step: null, error: null, log: '', startedAt: null, endedAt: null }

/** How far the images are that are built while the server runs, for whoever waits for one. */
export interface BuildProgress {
  /** Undefined for one that nobody has had to build. */
  readonly report: (image: string) => BuildReport | undefined
  readonly queue: (images: Iterable<string>) => void
  readonly forget: (image: string) => void
  readonly start: (image: string) => void
  readonly addLine: (image: string, line: string) => void
  readonly finish: (image: string) => void
  readonly fail: (image: string, error: Error) => void
  /** To go on a sentence with that says that an image is not built yet. */
  readonly describe: (image: string) => string
}

/** Calls back when an image's build is in another state, or at another step. */
export function createBuildProgress (onChange: (image: string, report: BuildReport) => void = () => undefined): BuildProgress {
  const reports = new Map<string, BuildReport>()
  function change (image: string, changes: Partial<BuildReport>): void {
    const was = reports.get(image)
    const report = { ...was ?? QUEUED, ...changes }
    reports.set(image, report)
    if (was?.state !== report.state || was.step !== report.step) onChange(image, report)
  }

  return {
    report: (image) => reports.get(image),
    queue (images) {
      for (const image of images) change(image, QUEUED)
    },
    forget: (image) => { reports.delete(image) },
    start: (image) => change(image, { ...QUEUED, state: 'building', startedAt: new Date() }),
    addLine (image, line) {
      const { log, step } = reports.get(image) ?? QUEUED
      change(image, { log: `${log}${line.slice(0, LINE_CHARACTERS)}\n`.slice(-LOG_CHARACTERS), step: STEP.exec(line)?.[1] ?? step })
    },
    finish: (image) => change(image, { state: 'built', step: null, endedAt: new Date() }),
    fail: (image, { message }) => change(image, { state: 'failed', error: message, endedAt: new Date() }),
    describe (image) {
      const report = reports.get(image)
      if (report?.state === 'queued') return ': others are built before it'
      if (report?.state === 'building') return report.step === null ? ': its build has just begun' : `: its build is at step ${report.step.split(' ', 1).join()}`
      if (report?.state === 'failed') return ': its build has failed, and administrators find the reason in GET /api/builds'
      return ''
    }
  }
}

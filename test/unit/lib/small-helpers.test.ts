import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDeferred } from '../../../src/lib/deferred.ts'
import { createLoop } from '../../../src/lib/loop.ts'
import { createSampleWindow, percentiles } from '../../../src/lib/percentiles.ts'
import { ensurePrivateDirectory, loadOrCreatePrivateFile } from '../../../src/lib/private-files.ts'
import { LockedError, lockDirectory } from '../../../src/lib/process-lock.ts'
import { signalName } from '../../../src/lib/signals.ts'
import { parseDuration, parseSize } from '../../../src/lib/units.ts'

describe('units', () => {
  it.each([['1500', 1500], ['500ms', 500], ['30s', 30_000], ['10m', 600_000], ['2h', 7_200_000], ['7d', 604_800_000], ['', undefined], ['-1s', undefined], ['1.5s', undefined], ['10 minutes', undefined]])('reads the duration %j as %j', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([['4096', 4096], ['64k', 65_536], ['512MB', 536_870_912], ['1GiB', 1_073_741_824], ['1g', 1_073_741_824], ['lots', undefined], ['-1m', undefined]])('reads the size %j as %j', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })
})

describe('signal names', () => {
  it.each([[9, 'SIGKILL'], [6, 'SIGABRT'], [11, 'SIGSEGV'], [29, 'SIGIO'], [34, 'SIGRTMIN+0'], [64, 'SIGRTMIN+30'], [33, 'SIG33']])('calls %i %s', (number, name) => {
    expect(signalName(number)).toBe(name)
  })
})

describe('percentiles', () => {
  it('takes the nearest rank', () => {
    expect(percentiles(Array.from({ length: 100 }, (_, i) => 100 - i))).toEqual({ p50: 50, p95: 95, p99: 99 })
    expect(percentiles([7])).toEqual({ p50: 7, p95: 7, p99: 7 })
    expect(percentiles([])).toEqual({ p50: null, p95: null, p99: null })
  })

  it('forgets all but the newest samples', () => {
    const window = createSampleWindow(3)
    for (const sample of [1000, 1, 2, 3]) window.add(sample)
    expect(window.percentiles()).toEqual({ p50: 2, p95: 3, p99: 3 })
  })
})

describe('loop', () => {
  it('goes on after a failed round, and stop waits for the round under way', async () => {
    const failures: unknown[] = []
    const third = createDeferred<void>()
    let rounds = 0
    let hasFinished = false
    const loop = createLoop({
      intervalMs: 1,
      onError: (error) => failures.push(error),
      work: async () => {
        rounds++
        if (rounds < 3) throw new Error(`round ${rounds}`)
        third.resolve()
        await new Promise(setImmediate)
        hasFinished = true
      }
    })
    loop.start()
    await third.promise
    await loop.stop()
    expect(hasFinished).toBe(true)
    expect(failures.map(String)).toEqual(['Error: round 1', 'Error: round 2'])
  })
})

describe('files of the data directory', () => {
  let directory: string
  beforeEach(async () => { directory = await mkdtemp(path.join(tmpdir(), 'berth-test-')) })
  afterEach(async () => await rm(directory, { recursive: true }))

  it('keeps a secret with mode 0600 and gives the same one ever after', async () => {
    const file = path.join(directory, 'secret')
    expect(await loadOrCreatePrivateFile(file, () => 'first')).toBe('first')
    expect(await loadOrCreatePrivateFile(file, () => 'second')).toBe('first')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(file, 'utf8')).toBe('first\n')
  })

  it('gives all who make a secret at once the same one', async () => {
    const file = path.join(directory, 'secret')
    const secrets = await Promise.all(Array.from({ length: 20 }, (_, i) => loadOrCreatePrivateFile(file, () => `secret ${i}`)))
    expect(new Set(secrets).size).toBe(1)
  })

  it('narrows a directory that others could read', async () => {
    const data = path.join(directory, 'data')
    await ensurePrivateDirectory(data)
    expect((await stat(data)).mode & 0o777).toBe(0o700)
    await ensurePrivateDirectory(directory)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
  })

  it('refuses a second holder of a directory, and lets one in after release', async () => {
    const lock = await lockDirectory(directory)
    await expect(lockDirectory(directory)).rejects.toBeInstanceOf(LockedError)
    await lock.release()
    const again = await lockDirectory(directory)
    await again.release()
  })
})

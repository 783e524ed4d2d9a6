import { Readable } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { connectEngine, tarOf, testImage, testLabels } from './engine.ts'

const { docker, create, run, sweep } = connectEngine()

afterEach(sweep)
afterAll(docker.close)

const interactive = { OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true }

describe('the Engine', () => {
  it('is negotiated with and says what it is', async () => {
    const version = await docker.negotiate()
    expect(version).toMatch(/^1\.(4[1-9]|5[0-2])$/)
    expect((await docker.system.ping()).apiVersion).toBe((await docker.system.version()).ApiVersion)
    expect((await docker.system.info()).NCPU).toBeGreaterThan(0)
  })
})

describe('a container', () => {
  it('loses nothing between create and exit: attach, wait, start, write, half-close, read', async () => {
    const id = await create(['sh', '-c', 'cat; echo err >&2; exit 7'], interactive)
    const stream = await docker.containers.attach(id)
    const wait = await docker.containers.wait(id, 'next-exit')
    await docker.containers.start(id)
    stream.stdin.end('line one\nline two\n')
    const [stdout, stderr, exit] = await Promise.all([text(stream.stdout), text(stream.stderr), wait.exit, stream.closed])
    expect({ stdout, stderr, exit }).toEqual({ stdout: 'line one\nline two\n', stderr: 'err\n', exit: { statusCode: 7 } })
  })

  it('delivers 32 MB whole and in order', async () => {
    const id = await create(['sh', '-c', 'seq 1 9000000 | head -c 33554432'], { HostConfig: { LogConfig: { Type: 'none', Config: {} } } })
    const { stdout, stderr, closed } = await docker.containers.attach(id, { stdin: false })
    stderr.resume()
    await docker.containers.start(id)
    let length = 0
    let last = ''
    for await (const chunk of stdout as AsyncIterable<Buffer>) {
      length += chunk.length
      last = (last + chunk.toString('latin1')).slice(-20)
    }
    await closed
    expect(length).toBe(32 << 20)
    expect(last).toMatch(/^\d*\n(\d{7}\n)+\d*$/)
  })

  it('that exits while its input is being sent keeps its output', async () => {
    const id = await create(['sh', '-c', 'head -c 10; echo; seq 1 20000'], interactive)
    const stream = await docker.containers.attach(id)
    const wait = await docker.containers.wait(id, 'next-exit')
    await docker.containers.start(id)
    stream.stdin.write(Buffer.alloc(16 << 20, 'x'))
    const [stdout, exit] = await Promise.all([text(stream.stdout), wait.exit, text(stream.stderr), stream.closed])
    expect(stdout.startsWith('xxxxxxxxxx\n1\n2\n')).toBe(true)
    expect(stdout.endsWith('19999\n20000\n')).toBe(true)
    expect(exit).toEqual({ statusCode: 0 })
  })

  it('reports what is already so', async () => {
    const id = await run()
    expect(await docker.containers.start(id)).toEqual({ alreadySo: true })
    await expect(docker.containers.remove(id)).rejects.toMatchObject({ code: 'conflict' })
    expect(await docker.containers.stop(id, { timeoutSeconds: 0 })).toEqual({ alreadySo: false })
    expect(await docker.containers.stop(id)).toEqual({ alreadySo: true })
    expect(await docker.containers.kill(id)).toEqual({ alreadySo: true })
    expect(await docker.containers.remove(id, { force: true })).toEqual({ alreadySo: false })
    expect(await docker.containers.remove(id, { force: true })).toEqual({ alreadySo: true })
  })

  it('that cannot start says why, and its wait is cancelled', async () => {
    const id = await create(['/no/such/program'], { HostConfig: { Init: false } })
    const wait = await docker.containers.wait(id, 'next-exit')
    await expect(docker.containers.start(id)).rejects.toMatchObject({ code: expect.stringMatching(/bad_request|not_found|server_error/) as string, daemonMessage: expect.stringContaining('/no/such/program') as string })
    wait.cancel()
    await expect(wait.exit).rejects.toMatchObject({ code: 'aborted' })
  })

  it('is refused by name and by image with the Engine’s words', async () => {
    await expect(docker.containers.create({ Image: 'berth/no-such-image:1' })).rejects.toMatchObject({ code: 'not_found', daemonMessage: 'No such image: berth/no-such-image:1' })
    await expect(docker.containers.attach('no-such-container')).rejects.toMatchObject({ code: 'not_found', daemonMessage: 'No such container: no-such-container' })
  })

  it('is inspected, listed, updated, paused, measured and killed', async () => {
    const id = await run()
    await docker.containers.update(id, { Memory: 64 << 20, MemorySwap: 64 << 20 })
    const inspect = await docker.containers.inspect(id)
    expect(inspect).toMatchObject({ HostConfig: { Memory: 64 << 20 }, State: { Status: 'running' } })
    expect((await docker.containers.top(id)).Processes.some((line) => line.includes('sleep infinity'))).toBe(true)
    expect((await docker.containers.stats(id)).memory_stats.limit).toBe(64 << 20)
    await docker.containers.pause(id)
    expect(await docker.containers.pause(id)).toEqual({ alreadySo: true })
    await docker.containers.unpause(id)
    const filters = { label: ['berth.test=1'], id: [id] }
    expect((await docker.containers.list({ filters })).map(({ Id }) => Id)).toEqual([id])
    await docker.containers.kill(id)
    await (await docker.containers.wait(id)).exit
    expect(await docker.containers.list({ filters })).toEqual([])
  })

  it('keeps logs', async () => {
    const id = await create(['sh', '-c', 'seq 1 5; echo oops >&2'])
    await docker.containers.start(id)
    await (await docker.containers.wait(id)).exit
    const all = await docker.containers.logs(id)
    expect([await text(all.stdout), await text(all.stderr)]).toEqual(['1\n2\n3\n4\n5\n', 'oops\n'])
    // In what order the Engine has found the lines of two streams is its own affair.
    const last = await docker.containers.logs(id, { tail: 3 })
    expect(`${await text(last.stdout)}${await text(last.stderr)}`.split('\n')).toHaveLength(4)
    await Promise.all([all.closed, last.closed])
  })
})

describe('archives', () => {
  it('go into a volume of a stopped container and come back', async () => {
    const id = await create(['true'], { Volumes: { '/data': {} } })
    await docker.containers.putArchive(id, '/data', tarOf({ 'hello.txt': 'hello' }))
    expect(await docker.containers.statPath(id, '/data/hello.txt')).toMatchObject({ name: 'hello.txt', size: 5 })
    const archive = await docker.containers.getArchive(id, '/data/hello.txt')
    expect((await buffer(archive.tar)).includes('hello')).toBe(true)
    await expect(docker.containers.statPath(id, '/data/none')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('do not reach a tmpfs, although the Engine says so', async () => {
    const id = await run({ HostConfig: { Tmpfs: { '/scratch': 'size=1m' } } })
    await docker.containers.putArchive(id, '/scratch', tarOf({ 'hello.txt': 'hello' }))
    const { Id } = await docker.exec.create(id, { Cmd: ['ls', '/scratch'], AttachStdout: true, AttachStderr: true })
    const { stdout, stderr } = await docker.exec.start(Id)
    expect([await text(stdout), await text(stderr)]).toEqual(['', ''])
  })
})

describe('volumes and networks', () => {
  it('are created, found by label, and removed', async () => {
    const volume = await docker.volumes.create({ Labels: testLabels })
    const { Id: network } = await docker.networks.create({ Name: `berth-test-${volume.Name.slice(0, 12)}`, Labels: testLabels, Options: { 'com.docker.network.bridge.enable_icc': 'false' } })
    try {
      const filters = { label: ['berth.test=1'] }
      expect((await docker.volumes.list(filters)).map(({ Name }) => Name)).toContain(volume.Name)
      expect((await docker.networks.list(filters)).map(({ Id }) => Id)).toContain(network)
    } finally {
      expect(await docker.networks.remove(network)).toEqual({ alreadySo: false })
      expect(await docker.volumes.remove(volume.Name)).toEqual({ alreadySo: false })
    }
    expect(await docker.networks.remove(network)).toEqual({ alreadySo: true })
    expect(await docker.volumes.remove(volume.Name)).toEqual({ alreadySo: true })
  })
})

describe('images', () => {
  it('are built, tagged and removed, and a failing step is named', async () => {
    const reference = 'berth-test/docker-client:live'
    const context = (dockerfile: string) => tarOf({ Dockerfile: dockerfile })
    for await (const report of docker.images.build(context(`FROM ${testImage}\nLABEL berth.test=1\nENV A=b\n`), { tags: [reference] })) void report
    try {
      expect((await docker.images.inspect(reference)).Config.Env).toContain('A=b')
    } finally {
      await docker.images.remove(reference)
    }
    const failing = docker.images.build(context(`FROM ${testImage}\nRUN echo going && exit 3\n`), { noCache: true, networkMode: 'none' })
    const output: string[] = []
    const read = async () => {
      for await (const { stream } of failing) output.push(stream ?? '')
    }
    await expect(read()).rejects.toMatchObject({ code: 'build_failed', step: 'Step 2/2 : RUN echo going && exit 3' })
    expect(output.join('')).toContain('going\n')
  })

  it('are imported from a tar of a root file system', async () => {
    for await (const report of docker.images.import(tarOf({ 'etc/motd': 'hello' }), { repository: 'berth-test/import', tag: 'live', changes: ['CMD ["/x"]'] })) void report
    try {
      expect((await docker.images.inspect('berth-test/import:live')).Config.Cmd).toEqual(['/x'])
    } finally {
      await docker.images.remove('berth-test/import:live')
    }
  })

  it('that no registry has are a failed pull', async () => {
    const pull = docker.images.pull('localhost:1/berth/none:1')
    await expect(pull.next()).rejects.toMatchObject({ name: 'DockerError', daemonMessage: expect.any(String) as string })
  })
})

describe('events', () => {
  it('tell what happened to a container', async () => {
    const controller = new AbortController()
    const events = docker.events({ filters: { label: ['berth.test=1'], event: ['create', 'die'] } }, { signal: controller.signal })
    expect((await events.next()).value).toEqual({ kind: 'connected', isReconnect: false })
    const id = await create(['true'])
    await docker.containers.start(id)
    const actions: string[] = []
    while (actions.length < 2) {
      const { value } = await events.next()
      if (value?.kind === 'event' && value.event.Actor.ID === id) actions.push(value.event.Action)
    }
    controller.abort()
    expect(actions).toEqual(['create', 'die'])
    expect((await events.next()).done).toBe(true)
  })
})

describe('an upload', () => {
  it('into a container that is not there is refused with the Engine’s words', async () => {
    await expect(docker.containers.putArchive('no-such-container', '/', Readable.from([Buffer.alloc(1024)])))
      .rejects.toMatchObject({ code: 'not_found', daemonMessage: expect.stringContaining('no-such-container') as string })
    await vi.waitFor(async () => expect((await docker.system.ping()).apiVersion).toBeDefined())
  })
})

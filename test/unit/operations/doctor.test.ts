import { describe, expect, it } from 'vitest'
import { judgeEngine, type EngineFacts } from '../../../src/operations/doctor/engine.ts'
import { renderFindings, type Finding } from '../../../src/operations/doctor/finding.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')
const version: EngineFacts['version'] = { Version: '28.5.1', ApiVersion: '1.51', KernelVersion: '6.12' }
const info: EngineFacts['info'] = {
  ServerVersion: '28.5.1', OSType: 'linux', Driver: 'overlay2', CgroupVersion: '2', MemoryLimit: true, SwapLimit: true, PidsLimit: true, CpuCfsQuota: true,
  SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'], SystemTime: '2026-01-01T00:00:01Z', MemTotal: 8 * 1024 ** 3, NCPU: 4, Runtimes: { runc: {} }
}

const judge = (facts: { version?: Partial<EngineFacts['version']>, info?: Partial<EngineFacts['info']>, runtime?: string } = {}): Finding[] =>
  judgeEngine({ version: { ...version, ...facts.version }, info: { ...info, ...facts.info }, runtime: facts.runtime, now: NOW })

const notOk = (findings: Finding[]): string[] => findings.filter(({ state }) => state !== 'ok').map(({ name, state }) => `${name}: ${state}`)

describe('what is said of an Engine', () => {
  it('is ok for a new one with all that sandboxes need', () => {
    expect(notOk(judge())).toEqual([])
    expect(notOk(judge({ runtime: 'runc' }))).toEqual([])
  })

  it.each<[string, Parameters<typeof judge>[0], string[]]>([
    ['too old an API', { version: { ApiVersion: '1.40' } }, ['engine: broken']],
    ['Windows containers', { info: { OSType: 'windows' } }, ['engine: broken']],
    ['no seccomp', { info: { SecurityOptions: ['name=apparmor'] } }, ['hardening: broken']],
    ['no limit of memory', { info: { MemoryLimit: false } }, ['hardening: broken']],
    ['no AppArmor', { info: { SecurityOptions: ['name=seccomp,profile=builtin'] } }, ['hardening: weak']],
    ['SELinux in its place', { info: { SecurityOptions: ['name=seccomp,profile=builtin', 'name=selinux'] } }, []],
    ['cgroup v1', { info: { CgroupVersion: '1' } }, ['hardening: weak']],
    ['copying storage', { info: { Driver: 'vfs' } }, ['storage: weak']],
    ['little memory', { info: { MemTotal: 1024 ** 3 } }, ['memory: weak']],
    ['a clock that is behind', { info: { SystemTime: '2025-12-31T23:59:50Z' } }, ['clock: weak']],
    ['a runtime that it lacks', { runtime: 'runsc' }, ['runtime: broken']]
  ])('tells of %s', (_name, facts, expected) => {
    const findings = judge(facts)
    expect(notOk(findings)).toEqual(expected)
    for (const { state, advice } of findings) expect(advice !== undefined).toBe(state !== 'ok')
  })
})

it('findings are lines with what to do below', () => {
  expect(renderFindings([{ name: 'port', state: 'ok', found: 'free' }, { name: 'storage', state: 'weak', found: 'vfs', advice: 'use overlay2' }]))
    .toBe('ok      port     free\nweak    storage  vfs\n                 -> use overlay2\n')
})

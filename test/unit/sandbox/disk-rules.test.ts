import { describe, expect, it } from 'vitest'
import { diskRules } from '../../../src/sandbox/seccomp/disk-rules.ts'

/** What the filter does with such a call: all rules that fit it must agree. */
function verdict (name: string, second: number): string {
  const fitting = diskRules.filter(({ names, args = [] }) => names.includes(name) && args.every(({ value, valueTwo = 0 }) => (BigInt(second) & BigInt(value)) === BigInt(valueTwo)))
  const verdicts = new Set(fitting.map(({ action, errnoRet }) => errnoRet === undefined ? action : `errno ${errnoRet}`))
  return [...verdicts].join(' and ') || 'default'
}

describe('what takes space without writing', () => {
  it('is refused of every ioctl of the types X and f, and of no other', () => {
    const refused = Array.from({ length: 256 }, (_, type) => type).filter((type) => verdict('ioctl', 0x4030_0028 + type * 0x100) !== 'SCMP_ACT_ALLOW')
    expect(refused.map((type) => String.fromCharCode(type))).toEqual(['X', 'f'])
    for (const type of refused) expect(verdict('ioctl', 0x4030_0028 + type * 0x100)).toBe('errno 25')
  })

  it.each([
    ['FS_IOC_RESVSP', 0x4030_5828], ['FS_IOC_RESVSP64', 0x4030_582a], ['FS_IOC_ZERO_RANGE', 0x4030_5839], ['FS_IOC_FSSETXATTR', 0x401c_5820], ['FS_IOC_SETFLAGS', 0x4008_6602]
  ])('%s is refused', (_name, number) => {
    expect(verdict('ioctl', number)).toBe('errno 25')
  })

  it.each([['TCGETS', 0x5401], ['TIOCGWINSZ', 0x5413], ['TIOCSPTLCK', 0x4004_5431], ['FIONBIO', 0x5421], ['FICLONE', 0x4004_9409], ['SIOCGIFCONF', 0x8912]])('%s is allowed', (_name, number) => {
    expect(verdict('ioctl', number)).toBe('SCMP_ACT_ALLOW')
  })

  it.each([
    ['plain', 0, 'errno 95'], ['beyond the end', 0x01, 'errno 95'], ['zeros', 0x10, 'errno 95'], ['collapse', 0x08, 'errno 95'], ['insert', 0x20, 'errno 95'], ['a hole', 0x03, 'SCMP_ACT_ALLOW'],
    ['more than the kernel reads of it', 2 ** 33, 'errno 95']
  ])('fallocate: %s', (_name, mode, expected) => {
    expect(verdict('fallocate', mode)).toBe(expected)
  })
})

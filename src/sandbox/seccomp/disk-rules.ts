import { hasBits, type Argument, type Rule } from './rule.ts'

const ENOTTY = 25
const EOPNOTSUPP = 95

// From linux/falloc.h: what gives space back, and takes none.
const FALLOC_FL_PUNCH_HOLE = 0x02

// The byte of an ioctl's number that says whose it is: those of xfs and of file systems in general.
const TYPE = { x: 0x58, f: 0x66 }
const TYPE_MASK = 0xff00

const allow = (name: string, argument: Argument): Rule => ({ names: [name], action: 'SCMP_ACT_ALLOW', args: [argument] })
const fail = (name: string, errnoRet: number, argument: Argument): Rule => ({ names: [name], action: 'SCMP_ACT_ERRNO', errnoRet, args: [argument] })

/**
 * The types are equal in bits 0, 6 and 7, and each has the same bits at 3 and 4 and at 1 and 2, other ones at 4 and 5 and
 * at 2 and 4; no other type has all of that. A rule can compare an argument once only, so each allows one difference.
 */
const otherTypes: ReadonlyArray<readonly [mask: number, value: number]> = [
  [0x01, 0x01], [0x40, 0x00], [0x80, 0x80],
  [0x18, 0x10], [0x18, 0x08], [0x06, 0x02], [0x06, 0x04],
  [0x30, 0x00], [0x30, 0x30], [0x14, 0x00], [0x14, 0x14]
]

/**
 * What would take a disk's space without writing, a gigabyte in milliseconds, or take files out of their volume's quota:
 * fallocate but for holes, the same by ioctl (FS_IOC_RESVSP and its like), extent hints and project ids of files
 * (FS_IOC_FSSETXATTR, FS_IOC_SETFLAGS). Programs know such answers from file systems that can do none of it.
 */
export const diskRules: readonly Rule[] = [
  allow('fallocate', hasBits(1, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_PUNCH_HOLE)),
  fail('fallocate', EOPNOTSUPP, hasBits(1, FALLOC_FL_PUNCH_HOLE, 0)),
  ...otherTypes.map(([mask, value]) => allow('ioctl', hasBits(1, mask * 0x100, value * 0x100))),
  ...Object.values(TYPE).map((type) => fail('ioctl', ENOTTY, hasBits(1, TYPE_MASK, type * 0x100)))
]

import { diskRules } from './disk-rules.ts'
import { hasBits, type Argument, type Rule } from './rule.ts'
import { ALLOWED, UNKNOWN } from './system-calls.ts'

const ENOSYS = 38

// From linux/sched.h: mount, cgroup, UTS, IPC, user, PID and network namespaces.
const CLONE_NAMESPACES = 0x7e02_0000

const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10
const AF_NETLINK = 16
const NETLINK_ROUTE = 0

// Linux on x86, with the marks of UNAME26 and SHORT_INODE, without address randomisation (debuggers), and the question.
const PERSONALITIES = [0x0, 0x8, 0x2_0000, 0x2_0008, 0x4_0000, 0xffff_ffff]

const PRIO_PROCESS = 0
const PRIO_PGRP = 1
const IOPRIO_WHO_PROCESS = 1
const IOPRIO_WHO_PGRP = 2

// The kernel's own limit of process ids is 2^22.
const PID_BITS = 22

const allow = (names: readonly string[], ...args: readonly Argument[]): Rule => ({ names, action: 'SCMP_ACT_ALLOW', ...(args.length === 0 ? {} : { args }) })
const equals = (index: number, value: number): Argument => ({ index, value, op: 'SCMP_CMP_EQ' })

/**
 * Process ids in the first argument, all but 1, which is the agent: 0 is the caller itself, and what has a bit above the
 * lowest is not 1. "Not equal" would not do, since the filter sees 64 bits and the kernel takes 32 of them.
 */
function allowOnOthersThanInit (names: readonly string[]): Rule[] {
  const bits = Array.from({ length: PID_BITS - 1 }, (_, i) => 2 ** (i + 1))
  return [allow(names, equals(0, 0)), ...bits.map((bit) => allow(names, hasBits(0, bit, bit)))]
}

const rules: readonly Rule[] = [
  allow(ALLOWED),
  { names: UNKNOWN, action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
  ...diskRules,
  allow(['clone'], hasBits(0, CLONE_NAMESPACES, 0)),
  ...[AF_UNIX, AF_INET, AF_INET6].map((family) => allow(['socket'], equals(0, family))),
  allow(['socket'], equals(0, AF_NETLINK), equals(2, NETLINK_ROUTE)),
  ...PERSONALITIES.map((personality) => allow(['personality'], equals(0, personality))),
  // The agent has the uid of the programs, which shall not limit it. C libraries name threads by their ids (Mono does it at
  // each start), all else is the caller's own.
  ...allowOnOthersThanInit(['sched_setaffinity', 'sched_setparam', 'sched_setscheduler']),
  allow(['prlimit64', 'sched_setattr'], equals(0, 0)),
  // Without a new limit it only reads.
  allow(['prlimit64'], equals(2, 0)),
  ...[PRIO_PROCESS, PRIO_PGRP].map((which) => allow(['setpriority'], equals(0, which), equals(1, 0))),
  ...[IOPRIO_WHO_PROCESS, IOPRIO_WHO_PGRP].map((which) => allow(['ioprio_set'], equals(0, which), equals(1, 0)))
]

/**
 * The profile as the Engine's API takes it. The runtime ignores names that its libseccomp does not know, and answers
 * ENOSYS to calls that are newer than all of these. For the machine's own architecture alone: with the 32-bit ones the
 * filter takes 30 ms more to make at each start of a container and each exec. Their calls end the program.
 */
export const SECCOMP_PROFILE = JSON.stringify({
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [{ architecture: 'SCMP_ARCH_X86_64' }, { architecture: 'SCMP_ARCH_AARCH64' }],
  syscalls: rules
})

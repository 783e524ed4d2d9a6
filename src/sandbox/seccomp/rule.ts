export interface Argument {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number
  readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ'
}

/** Allows what is called like this, or fails it with an error of its own. What matches no rule fails with EPERM. */
export interface Rule {
  readonly names: readonly string[]
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO'
  readonly errnoRet?: number
  readonly args?: readonly Argument[]
}

export const hasBits = (index: number, mask: number, value: number): Argument => ({ index, value: mask, valueTwo: value, op: 'SCMP_CMP_MASKED_EQ' })

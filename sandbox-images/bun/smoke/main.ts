import { describe } from './stats.ts'

const values: number[] = (await Bun.stdin.text()).trim().split('\n').map(Number)
console.log(describe(values))

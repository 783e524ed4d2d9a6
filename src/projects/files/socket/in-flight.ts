/** Counts what is under way, so that whoever would begin more than `most` waits for an end. */
export function createInFlight (most: number) {
  let count = 0
  let wake: (() => void) | undefined

  return {
    /** Resolves when there is room for one more; for one caller at a time. */
    async room (): Promise<void> {
      if (count >= most) await new Promise<void>((resolve) => { wake = resolve })
    },
    begin (work: Promise<void>): void {
      count++
      void work.finally(() => {
        count--
        wake?.()
        wake = undefined
      })
    }
  }
}

/**
 * Runs `work` when asked, never twice at once: whoever asks while a round is under way gets the next one, which begins
 * after they asked, and shares it with all others who did.
 */
export function coalesce (work: () => Promise<void>): () => Promise<void> {
  let current: Promise<void> | undefined
  let next: Promise<void> | undefined

  function begin (): Promise<void> {
    next = undefined
    current = work().finally(() => {
      if (next === undefined) current = undefined
    })
    return current
  }

  return async () => {
    if (current === undefined) return await begin()
    next ??= current.then(begin, begin)
    await next
  }
}

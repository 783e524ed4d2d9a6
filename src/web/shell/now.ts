import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

const INTERVAL_MS = 30_000

/** The time, for what is told as so long ago, or in so long: it is shown anew twice a minute. */
export function useNow (): Date {
  const now = useSignal(new Date())
  useEffect(() => {
    const timer = setInterval(() => { now.value = new Date() }, INTERVAL_MS)
    return () => clearInterval(timer)
  }, [])
  return now.value
}

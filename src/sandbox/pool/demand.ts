export interface LanguageDemand {
  /** Claims that needed a fresh sandbox, on a decaying average. */
  readonly freshPerSecond: number
  readonly lastUsedMs: number
}

export interface Demand {
  readonly record: (language: string, needsFresh: boolean, nowMs: number) => void
  readonly view: (nowMs: number) => ReadonlyMap<string, LanguageDemand>
}

/** How much is asked for, by language; what is not asked for again is halved every `halfLifeMs`. */
export function createDemand (halfLifeMs: number): Demand {
  const timeConstantMs = halfLifeMs / Math.LN2
  const languages = new Map<string, { weight: number, asOfMs: number, lastUsedMs: number }>()
  const decayed = (weight: number, sinceMs: number): number => weight * Math.exp(-Math.max(sinceMs, 0) / timeConstantMs)

  return {
    record (language, needsFresh, nowMs) {
      const known = languages.get(language) ?? { weight: 0, asOfMs: nowMs, lastUsedMs: nowMs }
      languages.set(language, {
        weight: decayed(known.weight, nowMs - known.asOfMs) + (needsFresh ? 1 : 0),
        asOfMs: nowMs,
        lastUsedMs: nowMs
      })
    },
    view: (nowMs) => new Map([...languages].map(([language, { weight, asOfMs, lastUsedMs }]) => [language, {
      freshPerSecond: decayed(weight, nowMs - asOfMs) / timeConstantMs * 1000,
      lastUsedMs
    }]))
  }
}

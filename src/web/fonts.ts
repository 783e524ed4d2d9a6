const SYSTEM = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'

/** Of our own first: what systems have draws underscores where they cannot be seen, on some screens. */
export const MONOSPACE = `"JetBrains Mono", ${SYSTEM}`

/** For what measures letters by itself, which must wait until they are there; where they never come, the system's it is. */
export async function loadMonospace (fonts: FontFaceSet): Promise<string> {
  const faces = await fonts.load('14px "JetBrains Mono"').catch(() => [])
  return faces.length === 0 ? SYSTEM : MONOSPACE
}

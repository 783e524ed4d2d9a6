export interface SourceFile {
  readonly path: string
  readonly content: string
}

/** What the playground runs. */
export interface Program {
  readonly language: string
  /** The first is where it begins. */
  readonly files: readonly SourceFile[]
  readonly input: string
  readonly args: string
}

const VERSION = 'v1='
/** Past this, mail programs and chats cut a link. */
export const MOST_LINK = 8_000

async function through (bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer())
}

/** The program as the fragment of a link: nothing is stored, and no server sees it. */
export async function toFragment (program: Program): Promise<string> {
  const bytes = await through(new TextEncoder().encode(JSON.stringify(program)), new CompressionStream('deflate-raw'))
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
  return `#${VERSION}${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}

/** Undefined for a fragment that is no program; links are anybody's. */
export async function fromFragment (fragment: string): Promise<Program | undefined> {
  if (!fragment.startsWith(`#${VERSION}`) || fragment.length > 4 * MOST_LINK) return undefined
  try {
    const text = atob(fragment.slice(VERSION.length + 1).replaceAll('-', '+').replaceAll('_', '/'))
    const bytes = await through(Uint8Array.from(text, (character) => character.charCodeAt(0)), new DecompressionStream('deflate-raw'))
    return toProgram(JSON.parse(new TextDecoder().decode(bytes)))
  } catch {
    return undefined
  }
}

function toProgram (value: unknown): Program | undefined {
  const { language, files, input, args } = (value ?? {}) as Record<string, unknown>
  if (typeof language !== 'string' || typeof input !== 'string' || typeof args !== 'string' || !Array.isArray(files) || files.length === 0) return undefined
  const isFile = (file: unknown): file is SourceFile => typeof (file as SourceFile).path === 'string' && typeof (file as SourceFile).content === 'string'
  return files.every(isFile) ? { language, input, args, files } : undefined
}

/** Arguments as they are typed: at blanks, but for what is in quotes. */
export function splitArguments (text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? '')
}

const PICTURES = ['*.png', '*.jpg', '*.jpeg', '*.gif', '*.webp', '*.svg']

/** The call that runs it. With an input it is run on that; without one it is asked for. */
export function toCall ({ language, files, input, args }: Program): object {
  const split = splitArguments(args)
  return {
    language,
    files,
    ...(split.length === 0 ? {} : { args: split }),
    // With one, its end is told too.
    ...(input === '' ? {} : { input, interactive: false }),
    artifacts: PICTURES
  }
}

export function toCurl (program: Program, origin: string): string {
  const { artifacts: _artifacts, interactive: _interactive, ...call } = toCall(program) as Record<string, unknown>
  const body = JSON.stringify(call).replaceAll("'", "'\\''")
  return `curl -s ${origin}/api/execute -H "X-API-Key: $BERTH_KEY" -H 'Content-Type: application/json' -d '${body}'`
}

/** What shows it in a page of others; the fragment has nothing that HTML would take for its own. */
export function toFrame (origin: string, fragment: string, title: string): string {
  return `<iframe src="${origin}/embed${fragment}" title="${title}" width="100%" height="480" style="border: 0"></iframe>`
}

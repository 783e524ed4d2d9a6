/** A program as it stands in a page, without the indentation that the page gives it. */
export function dedent (text: string): string {
  const lines = text.replace(/^[ \t]*\r?\n/, '').trimEnd().split(/\r?\n/)
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length)
  const common = indents.length === 0 ? 0 : Math.min(...indents)
  return `${lines.map((line) => line.slice(common)).join('\n')}\n`
}

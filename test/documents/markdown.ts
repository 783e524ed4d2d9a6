/** The text with new content between `<!-- name -->` and `<!-- /name -->`. */
export function withSection (markdown: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const from = markdown.indexOf(begin)
  const to = markdown.indexOf(end)
  if (from < 0 || to < from) throw new Error(`the text has no ${begin} … ${end}`)
  return `${markdown.slice(0, from)}${begin}\n${content}\n${markdown.slice(to)}`
}

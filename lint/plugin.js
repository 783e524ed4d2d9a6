import path from 'node:path'
import { forbid } from './layers.js'

const src = path.join(import.meta.dirname, '../src')

/** Reports imports between the folders of `src` that point another way than layers.js says. */
const importDirections = {
  create (context) {
    const check = ({ source }) => {
      if (!source?.value?.startsWith('.')) return
      const imported = path.resolve(path.dirname(context.filename), source.value)
      const message = forbid(path.relative(src, context.filename), path.relative(src, imported))
      if (message !== undefined) context.report({ message, node: source })
    }
    return { ImportDeclaration: check, ImportExpression: check, ExportNamedDeclaration: check, ExportAllDeclaration: check }
  }
}

export default { meta: { name: 'berth' }, rules: { 'import-directions': importDirections } }

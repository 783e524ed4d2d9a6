import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { root } from '../documents.ts'
import { readOpenApi } from './document.ts'
import { printTypes } from './print.ts'

await writeFile(path.join(root, 'src/client/rest/operations.ts'), printTypes(await readOpenApi()))

import { BerthSnippet } from './snippet.ts'
import { BerthTerminal } from './terminal.ts'

customElements.define('berth-snippet', BerthSnippet)
customElements.define('berth-terminal', BerthTerminal)

import Type, { type Static } from 'typebox'
import { CompileReportSchema, ExecuteResultSchema, type ExecuteResult } from './execute-schemas.ts'

const CompileSummarySchema = Type.Omit(CompileReportSchema, ['output', 'error'])

/** An answer without what was printed: that has been told message by message. */
export const ResultSummarySchema = Type.Object({
  ...Type.Omit(ExecuteResultSchema, ['output', 'error', 'compile', 'artifacts']).properties,
  compile: Type.Optional(CompileSummarySchema)
}, { additionalProperties: false })
export type ResultSummary = Static<typeof ResultSummarySchema>

export function summariseResult (result: ExecuteResult): ResultSummary {
  const { output: _output, error: _error, compile, artifacts: _artifacts, ...summary } = result
  if (compile === undefined) return summary
  const { output: _compileOutput, error: _compileError, ...compileSummary } = compile
  return { ...summary, compile: compileSummary }
}

import type { RunTap, StageName } from '../../runs/tap.ts'
import type { ExecutionPlan } from '../../runs/plan.ts'
import { createOutputCollector } from './output.ts'
import { presentJob, type EndedStage } from './result.ts'
import type { JobResult } from './schemas.ts'

/** Listens in on a run and says what Piston's answer is when it has ended. */
export function createJob (plan: ExecutionPlan): { readonly tap: RunTap, readonly result: () => JobResult } {
  const outputLimitBytes = plan.outputLimitBytes
  const outputs = { compile: createOutputCollector(outputLimitBytes), run: createOutputCollector(outputLimitBytes) }
  const ended: Partial<Record<StageName, EndedStage>> = {}

  return {
    tap: {
      onOutput: (stage, stream, bytes) => outputs[stage].add(stream, bytes),
      onStageEnd (stage, result) {
        ended[stage] = {
          result,
          output: outputs[stage].text(),
          memoryLimitBytes: plan[stage]?.memoryBytes ?? plan.memoryBytes,
          outputLimitBytes
        }
      }
    },
    result: () => presentJob(plan.runtime, ended)
  }
}

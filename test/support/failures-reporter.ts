import type { Reporter, SerializedError, TestModule } from 'vitest/node'

const LINE = 300
const MOST = 20

/** Names what has failed as the very last thing that is said: who keeps only the end of a long log has it all the same. */
export function createFailuresReporter (): Reporter {
  return {
    onTestRunEnd (modules, errors) {
      const failures = [...modules.flatMap(failuresOf), ...errors.map((error) => describe('unhandled', error))]
      if (failures.length === 0) return
      process.once('exit', () => {
        for (const failure of failures.slice(0, MOST)) console.error(failure)
        if (failures.length > MOST) console.error(`FAILED and ${failures.length - MOST} more`)
      })
    }
  }
}

function failuresOf (module: TestModule): string[] {
  const hooks = [module, ...module.children.allSuites()].flatMap((suite) => suite.errors().map((error) => describe(`${module.relativeModuleId} > ${'fullName' in suite ? suite.fullName : ''}`, error)))
  const tests = [...module.children.allTests('failed')].flatMap((test) => (test.result().errors ?? []).map((error) => describe(`${module.relativeModuleId} > ${test.fullName}`, error)))
  return [...hooks, ...tests]
}

function describe (where: string, { message }: Pick<SerializedError, 'message'>): string {
  return `FAILED ${where}: ${message}`.replace(/\s+/g, ' ').slice(0, LINE)
}

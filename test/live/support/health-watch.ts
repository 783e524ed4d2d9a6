import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Asks for /health every few milliseconds from a thread of its own, which a busy server cannot hold up. */
export async function watchHealth (origin: string) {
  const worker = new Worker(`
    const { parentPort, workerData } = require('node:worker_threads')
    const http = require('node:http')
    const agent = new http.Agent({ keepAlive: true })
    let worst = 0
    let answers = 0
    function ask () {
      const begun = performance.now()
      http.get(workerData + '/health', { agent }, (response) => {
        response.resume().on('end', () => {
          worst = Math.max(worst, performance.now() - begun)
          answers++
          setTimeout(ask, 10)
        })
      }).on('error', () => setTimeout(ask, 10))
    }
    parentPort.on('message', () => {
      const [seen, from] = [worst, answers]
      worst = 0
      const wait = () => {
        if (answers < from + 3) return setTimeout(wait, 5)
        parentPort.postMessage(Math.max(seen, worst))
        worst = 0
      }
      wait()
    })
    ask()
  `, { eval: true, workerData: origin })
  return {
    /** The longest that an answer took since it was asked last, with some that come after. */
    worstMs: async (): Promise<number> => {
      worker.postMessage('report')
      const [worst] = await once(worker, 'message') as [number]
      return worst
    },
    stop: async () => await worker.terminate()
  }
}

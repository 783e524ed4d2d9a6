import { SpanStatusCode, trace, type Attributes, type Span } from '@opentelemetry/api'

const tracer = trace.getTracer('berth')

function fail (span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : String(error) })
}

/** A request that has been answered goes on no more, whatever it has set going. */
function isTracing (): boolean {
  return trace.getActiveSpan()?.isRecording() === true
}

/** Part of the trace that is under way, until the work has settled; what belongs to no request is not traced. */
export async function inSpan<T> (name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  if (!isTracing()) return await work()
  return await tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work()
    } catch (error) {
      fail(span, error)
      throw error
    } finally {
      span.end()
    }
  })
}

/** The same for what goes on beside its caller. */
export function noteSpan (name: string, attributes: Attributes, work: Promise<unknown>): void {
  if (!isTracing()) return
  const span = tracer.startSpan(name, { attributes })
  work.catch((error: unknown) => fail(span, error)).finally(() => span.end())
}

// Events that the server acknowledges.

export const ANSWER_MS = 8000;

/** The part of a socket.io socket that asking needs. */
export interface Line {
  timeout(ms: number): { emitWithAck(event: string, ...data: unknown[]): Promise<unknown> };
}

/** What the server answers; null if it does not within so many milliseconds, as when the connection is gone. */
export async function ask<Answer>(
  line: Line,
  event: string,
  data?: unknown,
  patience = ANSWER_MS,
): Promise<Answer | null> {
  try {
    return (await line.timeout(patience).emitWithAck(event, ...(data === undefined ? [] : [data]))) as Answer;
  } catch {
    return null;
  }
}

/** The `/_sim` controls of a vendor's simulator, as a test uses them. */
interface Fault {
  status?: number;
  delayMs?: number;
  drop?: boolean;
  count?: number;
  path?: string;
}

export interface SimulatedCall {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
  status: number | null;
}

/** The controls of the simulator at `url`. */
export function controlsOf(url: string) {
  async function control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${url}/_sim/${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`The simulator refused ${method} ${path}: ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }
  return {
    /** How the next calls go wrong; none where nothing is given. */
    async fault(fault?: Fault): Promise<void> {
      await (fault === undefined ? control('DELETE', 'faults') : control('PUT', 'faults', fault));
    },
    async calls(): Promise<SimulatedCall[]> {
      return Object(await control('GET', 'calls')).calls;
    },
    async forgetCalls(): Promise<void> {
      await control('DELETE', 'calls');
    },
  };
}

/**
 * The steps of a start on the terminal: each one a line with its time, in the order in which they were announced, though
 * several run at once.
 *
 * Does not promise a line at the moment a step ends: a quick step waits for the slower ones announced before it.
 */
type Line = { text: string | undefined };

export class Steps {
  readonly #print: (line: string) => void;
  readonly #begun = performance.now();
  readonly #waiting: Line[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Runs `work` as the step of this name; `tell` turns its answer into what the line says besides. */
  async run<T>(name: string, work: () => Promise<T>, tell: (answer: T) => string = () => ''): Promise<T> {
    const line: Line = { text: undefined };
    this.#waiting.push(line);
    const begun = performance.now();
    const answer = await work();
    line.text = `  ${name.padEnd(12)}${seconds(begun)}   ${tell(answer)}`.trimEnd();
    this.#flush();
    return answer;
  }

  /** Says that a step is not needed, and why. */
  skip(name: string, why: string): void {
    this.#waiting.push({ text: `  ${name.padEnd(12)}     –   ${why}` });
    this.#flush();
  }

  /** The time since the first step, such as "4.2 s". */
  total(): string {
    return seconds(this.#begun).trim();
  }

  #flush(): void {
    while (this.#waiting[0]?.text !== undefined) this.#print(this.#waiting.shift()?.text ?? '');
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(6);
}

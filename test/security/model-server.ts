/** A model that does whatever the test says, before OpenAI's simulator, and remembers all that it was sent. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { startOpenaiSimulator } from '../../local/simulators/openai.ts';

const API_KEY = 'openai-key-for-tests';
const askedSchema = z.looseObject({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  response_format: z.looseObject({ json_schema: z.looseObject({ name: z.enum(['triage', 'draft']) }) }),
});
type Asked = z.infer<typeof askedSchema> & { task: 'triage' | 'draft'; raw: string };

/** What the model answers to a task: the content of its message, or the whole message. Null: as the simulator does. */
export type Behaviour = (asked: Asked) => string | object | null;

export interface ModelServer {
  baseUrl: string;
  apiKey: string;
  asked: Asked[];
  /** From now on. */
  behave(as: Behaviour): void;
  close(): Promise<void>;
}

/** Starts it on a free port, behaving like the simulator. */
export async function startModelServer(): Promise<ModelServer> {
  const simulator = await startOpenaiSimulator({ apiKey: API_KEY });
  const all: Asked[] = [];
  let behaviour: Behaviour = () => null;
  const server = createServer((request, response) => {
    void text(request).then(async (raw) => {
      const read = askedSchema.parse(JSON.parse(raw));
      const asked = { ...read, task: read.response_format.json_schema.name, raw };
      all.push(asked);
      const said = behaviour(asked);
      response.setHeader('Content-Type', 'application/json');
      if (said !== null) return response.end(JSON.stringify(completion(said)));
      const headers = { Authorization: `Bearer ${API_KEY}`, 'Content-Type': 'application/json' };
      const answer = await fetch(`${simulator.url}/v1/chat/completions`, { method: 'POST', headers, body: raw });
      return response.end(await answer.text());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The model has no port.');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    apiKey: API_KEY,
    asked: all,
    behave(as) {
      behaviour = as;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await simulator.close();
    },
  };
}

function completion(said: string | object) {
  const message = typeof said === 'string' ? { role: 'assistant', content: said, refusal: null } : said;
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 0,
    model: 'gpt-of-the-attacker',
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
  };
}

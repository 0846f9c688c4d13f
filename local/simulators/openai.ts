/**
 * OpenAI, simulated: chat completions with structured outputs, answered by key words and templates.
 *
 * Reads only the last user message, and all of it: instructions belong into the system message, or their words count as
 * the customer's. Does not promise streaming, tools, or any other endpoint.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { draftOf, triageOf } from './openai-answers.ts';
import { fitToSchema } from './openai-schema.ts';
import {
  BadControl,
  readControl,
  refuseEmpty,
  type RunningSimulator,
  type SimulatorContext,
  type SimulatorRouter,
  startSimulator,
  type VendorError,
} from './simulator.ts';

export type OpenaiOptions = { port?: number; apiKey: string };
export type OpenaiSimulator = RunningSimulator;

/** The `model` of every answer, whatever model was asked for. */
const simulatedModel = 'holdfast-simulator';

const answersByName = new Map<string, (words: string) => Record<string, unknown>>([
  ['triage', triageOf],
  ['draft', draftOf],
]);

const partsSchema = z.array(z.looseObject({ type: z.string(), text: z.string().optional() }));
const requestSchema = z.looseObject({
  model: z.string().min(1),
  messages: z
    .array(z.looseObject({ role: z.string(), content: z.union([z.string(), partsSchema, z.null()]).optional() }))
    .min(1),
  stream: z.literal(false).nullish(),
  response_format: z
    .union([
      z.looseObject({
        type: z.literal('json_schema'),
        json_schema: z.looseObject({ name: z.string(), schema: z.unknown() }),
      }),
      z.looseObject({ type: z.enum(['text', 'json_object']) }),
    ])
    .optional(),
});
type Request = z.infer<typeof requestSchema>;
const refusalSchema = z.strictObject({ count: z.int().min(0).default(1) });

/**
 * Starts OpenAI on 127.0.0.1; the SDK's base URL is `${url}/v1`. Throws when the key is empty or the port is taken.
 *
 * @example const openai = await startOpenaiSimulator({ apiKey: 'sk-simulated' });
 */
export async function startOpenaiSimulator(options: OpenaiOptions): Promise<OpenaiSimulator> {
  const { apiKey } = options;
  refuseEmpty('OpenAI', { apiKey });
  const memory = { refusalsLeft: 0, answered: 0 };
  return startSimulator(
    {
      name: 'OpenAI',
      routes: (router) => addRoutes(router, apiKey, memory),
      error: openaiError,
      sendEvent: () => {
        throw new BadControl('OpenAI sends no webhooks, so its simulator has none to send.', 405);
      },
      state: () => memory,
      controls: (router) => {
        router.put('/_sim/refusal', (ctx) => {
          memory.refusalsLeft = readControl(refusalSchema, ctx.state.body ?? {}).count;
          ctx.body = { count: memory.refusalsLeft };
        });
      },
    },
    options.port,
  );
}

function addRoutes(router: SimulatorRouter, apiKey: string, memory: { refusalsLeft: number; answered: number }): void {
  router.post('/v1/chat/completions', (ctx) => {
    if (ctx.get('authorization') !== `Bearer ${apiKey}`) return answer(ctx, openaiError(401, undefined));
    const request = requestSchema.safeParse(ctx.state.body);
    if (!request.success) return answer(ctx, invalidRequest(`The request is wrong at ${placesOf(request.error)}.`));
    const words = lastUserMessage(request.data);
    const content = contentFor(request.data, words);
    if (content === undefined)
      return answer(ctx, invalidRequest('The simulator knows only the schemas triage and draft.'));
    const isRefused = memory.refusalsLeft > 0;
    if (isRefused) memory.refusalsLeft -= 1;
    memory.answered += 1;
    const message = isRefused
      ? { role: 'assistant', content: null, refusal: 'I am sorry, I cannot help with that. (simulated)' }
      : { role: 'assistant', content, refusal: null };
    return answer(ctx, { status: 200, body: completion(request.data, message, content) });
  });
}

function contentFor(request: Request, words: string): string | undefined {
  const format = request.response_format;
  if (format === undefined || !('json_schema' in format)) return draftOf(words).body;
  const named = z.object({ name: z.string(), schema: z.unknown() }).parse(format.json_schema);
  const rule = answersByName.get(named.name);
  return rule && JSON.stringify(fitToSchema(named.schema, rule(words)));
}

function completion(request: Request, message: object, content: string) {
  const prompt = tokens(JSON.stringify(request.messages));
  const written = tokens(content);
  return {
    id: `chatcmpl-${randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: simulatedModel,
    choices: [{ index: 0, message, logprobs: null, finish_reason: 'stop' }],
    usage: { prompt_tokens: prompt, completion_tokens: written, total_tokens: prompt + written },
    system_fingerprint: 'fp_holdfast',
  };
}

function lastUserMessage(request: Request): string {
  const content = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
  return typeof content === 'string' ? content : content.map(({ text }) => text ?? '').join('\n');
}

// Four characters a token is the vendor's own rule of thumb for English.
function tokens(text: string): number {
  return Math.ceil(text.length / 4);
}

function placesOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'the body'} (${message})`).join(', ');
}

function invalidRequest(message: string): VendorError {
  return { status: 400, body: { error: { message, type: 'invalid_request_error', param: null, code: null } } };
}

function openaiError(status = 500, code: string | undefined): VendorError {
  const known = knownErrors.get(status) ?? {
    type: status < 500 ? 'invalid_request_error' : 'server_error',
    code: null,
  };
  const message = known.message ?? 'The simulator was told to fail.';
  return { status, body: { error: { message, type: known.type, param: null, code: code ?? known.code } } };
}

const knownErrors = new Map<number, { type: string; code: string | null; message?: string }>([
  [401, { type: 'invalid_request_error', code: 'invalid_api_key', message: 'Incorrect API key provided.' }],
  [404, { type: 'invalid_request_error', code: 'unknown_url', message: 'The simulator has no such address.' }],
  [429, { type: 'requests', code: 'rate_limit_exceeded', message: 'Rate limit reached for requests.' }],
]);

function answer(ctx: SimulatorContext, { status, body }: VendorError): void {
  ctx.status = status;
  ctx.body = body;
}

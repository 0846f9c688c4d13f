/**
 * Fits a simulated answer to the JSON schema that the client sent, as structured outputs promise.
 *
 * Knows properties, enums, `anyOf` with null, and references into the same schema. Does not promise lengths, patterns or
 * bounds of numbers.
 */
import { z } from 'zod';

type Node = { [key: string]: unknown };

const nodeSchema = z.record(z.string(), z.unknown());
// What stands in for a value that the schema's enum does not allow, the least committing first.
const mildValues = ['other', 'neutral', 'normal', 'sev3', 'en'];

/** Returns the answer's properties that the schema names, each within its enum; a property we have no value for gets an empty one. */
export function fitToSchema(schema: unknown, answer: Record<string, unknown>): Record<string, unknown> {
  const root = asNode(schema);
  const properties = asNode(resolve(root, root)['properties']);
  const names = Object.keys(properties);
  if (names.length === 0) return answer;
  return Object.fromEntries(
    names.map((name) => [name, fitValue(resolve(asNode(properties[name]), root), answer[name], root)]),
  );
}

function fitValue(node: Node, value: unknown, root: Node): unknown {
  const allowed = node['enum'];
  if (Array.isArray(allowed)) {
    if (allowed.includes(value)) return value;
    return mildValues.find((mild) => allowed.includes(mild)) ?? allowed[0];
  }
  if ('const' in node) return node['const'];
  const branches = node['anyOf'];
  if (Array.isArray(branches)) {
    const real = branches.map((branch) => resolve(asNode(branch), root));
    if (value === undefined && real.some(({ type }) => type === 'null')) return null;
    return fitValue(real.find(({ type }) => type !== 'null') ?? {}, value, root);
  }
  return value ?? emptyOf(node, root);
}

function emptyOf(node: Node, root: Node): unknown {
  const { type } = node;
  if (Array.isArray(type) && type.includes('null')) return null;
  if (type === 'string') return '';
  if (type === 'number' || type === 'integer') return 0;
  if (type === 'boolean') return false;
  if (type === 'array') return [];
  if (type !== 'object') return null;
  const properties = asNode(node['properties']);
  const entries = Object.keys(properties).map((name) => [
    name,
    fitValue(resolve(asNode(properties[name]), root), undefined, root),
  ]);
  return Object.fromEntries(entries);
}

function resolve(node: Node, root: Node): Node {
  const reference = node['$ref'];
  if (typeof reference !== 'string' || !reference.startsWith('#/')) return node;
  let target: Node = root;
  for (const step of reference.slice(2).split('/')) target = asNode(target[step]);
  return target;
}

function asNode(value: unknown): Node {
  return nodeSchema.safeParse(value).data ?? {};
}

/** Which environment variables hold a secret: found out from how settings are read, so that a new one is not forgotten. */
import { readConfig } from '../../config.ts';

const NAMED_SO = /SECRET|TOKEN|PASSWORD|KEY/;

/** The names of all variables that the desk reads as its own. */
export function readVariables(): string[] {
  const names = new Set<string>();
  const env = new Proxy<NodeJS.ProcessEnv>(
    {},
    {
      get: (_none, name) => void (typeof name === 'string' && names.add(name)),
      has: (_none, name) => typeof name === 'string' && names.add(name).size === 0,
    },
  );
  faultsOf(env);
  return [...names].toSorted();
}

/** The names of those that hold a secret: refused when they could be guessed, or called so; and the database's address. */
export function secretVariables(): string[] {
  return readVariables().filter(
    (name) => name === 'DATABASE_URL' || NAMED_SO.test(name) || faultsOf({ [name]: 'x' }).includes('cannot be guessed'),
  );
}

/** What is said of settings that do not do; empty where they do. */
export function faultsOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(env);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

/** Secrets that are known again wherever they come to lie, in whatever letters. */
import { randomBytes } from 'node:crypto';

/** A secret of its own that is written differently in a URL and in base64. */
export function newCanary(): string {
  return `c7${randomBytes(12).toString('hex')}+/=&%`;
}

export interface Hidden {
  /** Where it is kept, such as `APP_SECRET`. */
  name: string;
  secret: string;
}

/** The ways in which a secret could be written, in small letters. */
export function formsOf(secret: string): string[] {
  // Quoted, escaped or encoded, this much of it stays as it is.
  const core = secret.match(/[A-Za-z0-9_.-]{12,}/g)?.toSorted((a, b) => b.length - a.length)[0] ?? secret;
  const bytes = Buffer.from(core);
  const aligned = [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url');
    // What stands before and after changes the letters at both ends.
    const whole = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return [whole, whole.replaceAll('-', '+').replaceAll('_', '/')];
  });
  return [...new Set([core, bytes.toString('hex'), ...aligned].map((form) => form.toLowerCase()))];
}

/** Which of the secrets stand in `text`, by name, each with what stands around it. */
export function tellTales(text: string, hidden: readonly Hidden[]): string[] {
  const small = text.toLowerCase();
  return hidden.flatMap(({ name, secret }) => {
    const at = formsOf(secret)
      .map((form) => small.indexOf(form))
      .find((index) => index !== -1);
    return at === undefined ? [] : [`${name} in …${text.slice(Math.max(0, at - 200), at + 60)}…`];
  });
}

/**
 * The form of the sample's letters: what somebody writes, with gaps such as `{order}` for what differs from one to the next.
 */

/** A letter with gaps; `language` is ISO 639-1. */
export interface Letter {
  /** The support type that it belongs to. */
  type: string;
  language: string;
  subject: string;
  body: string;
}

/** What fills the gaps. */
export interface Particulars {
  order: string;
  invoice: string;
  amount: number;
  tracking: string;
  product: string;
  weekday: string;
}

/** The English letters of one support type, each a subject and a body. */
export function letters(type: string, ...texts: readonly (readonly [subject: string, body: string])[]): Letter[] {
  return lettersIn('en', type, ...texts);
}

/** The letters of one support type in another language. */
export function lettersIn(
  language: string,
  type: string,
  ...texts: readonly (readonly [subject: string, body: string])[]
): Letter[] {
  return texts.map(([subject, body]) => ({ type, language, subject, body }));
}

/** `text` with its gaps filled; throws for a gap that nothing fills. */
export function fillIn(text: string, particulars: Particulars): string {
  const known = new Map<string, string | number>(Object.entries(particulars));
  return text.replaceAll(/\{(\w+)\}/g, (_gap, name: string) => {
    const value = known.get(name);
    if (value === undefined) throw new Error(`Nothing fills the gap {${name}} in “${text.slice(0, 60)}”.`);
    return typeof value === 'number' ? value.toFixed(2) : value;
  });
}

/**
 * What a file is, by its content and by nothing else: its name and what its sender says of it do not count.
 *
 * Does not promise that a file is harmless: programs are refused by what they begin with, and nothing is searched for
 * viruses. What a browser could run is told as what it is, and is served as everything else is: to be saved.
 */
import { fileTypeFromBuffer } from 'file-type';

/** How much of a file's beginning is looked at, in bytes. */
export const LOOKED_AT_BYTES = 256 * 1024;

export interface FileKind {
  /** A media type; `application/octet-stream` for what nobody knows. */
  type: string;
  /** Whether it is a program, which the desk does not keep. */
  program: boolean;
}

const PROGRAMS: ReadonlySet<string> = new Set([
  'application/x-msdownload',
  'application/vnd.microsoft.portable-executable',
  'application/x-elf',
  'application/x-mach-binary',
  'application/x-apple-diskimage',
  'application/x-msi',
  'application/x.ms.shortcut',
  'application/x-ms-shortcut',
  'application/vnd.android.package-archive',
  'application/java-vm',
  'application/java-archive',
  'application/x-java-archive',
  'application/wasm',
  'application/x-deb',
  'application/x-rpm',
  'application/x-google-chrome-extension',
]);
/** What may stand before the first tag that tells what a text is. */
const PROLOGUE = /^(?:\s|<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE\s+svg[^>]*>)*/i;
const HTML =
  /^<(?:!doctype\s+html|html|head|body|script|iframe|style|table|title|meta|base|link|object|embed|form|img|div|span|font|input|br|a|b|p|h[1-6])(?=[\s/>])/i;
/** Control characters other than those that lay a text out. */
const NO_TEXT = /[^\P{Cc}\t\n\f\r]/u;
/** Colours a program's output, and is found in many a log. */
const ESCAPE = '\u001B';
const SVG = /^<(?:[a-z]+:)?svg(?=[\s/>])/i;

/**
 * The kind of the file that begins with `head`.
 *
 * @example await fileKind(Buffer.from('<html><script>')) // { type: 'text/html', program: false }
 */
export async function fileKind(head: Buffer): Promise<FileKind> {
  // Before the library: it knows files by their first bytes, and markup has none.
  const text = textOf(head);
  const type = (text === null ? null : markupOf(text)) ?? (await signedType(head)) ?? typeOfText(text);
  return { type, program: PROGRAMS.has(type) };
}

function markupOf(text: string): string | null {
  const first = text.slice(PROLOGUE.exec(text)?.[0].length ?? 0).slice(0, 200);
  if (HTML.test(first)) return 'text/html';
  return SVG.test(first) ? 'image/svg+xml' : null;
}

async function signedType(head: Buffer): Promise<string | null> {
  const found = await fileTypeFromBuffer(head);
  return found?.mime ?? null;
}

function typeOfText(text: string | null): string {
  return text === null ? 'application/octet-stream' : 'text/plain';
}

/** The head as text; null unless it is UTF-8 without control characters other than those that texts have. */
function textOf(head: Buffer): string | null {
  try {
    // A character that is cut where the head ends is no fault.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
    return NO_TEXT.test(text.replaceAll(ESCAPE, '')) ? null : text;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/**
 * Links in what an engine drafted: kept where the desk itself has named their host to this customer before, else taken out.
 * Whoever writes to the desk can have a model write anything, and a link is what a reader follows.
 *
 * Does not promise that nothing else in a draft leads anywhere: a mail address, a phone number or the bare name of a host
 * is left to the person who reads the draft.
 */
import type { Conversation } from './assistant.ts';

/** What stands in a link's place, for whoever decides the draft. */
export const LINK_REMOVED = '[link removed]';

// Every repetition is bounded, and none overlaps the next, so that no text takes long.
/** An image or a link as Markdown writes it: its words are kept. */
const MARKDOWN = /!?\[([^[\]\n]{0,500})\]\(([^()\n]{0,2000})\)/g;
/** With a scheme, or as a browser would complete it: `www.` before, or a path after. */
const BARE =
  /\b(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)[^\s<>"'`]+|\b(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?::\d+)?\/[^\s<>"'`]*/giu;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const WEB: ReadonlySet<string> = new Set(['http:', 'https:']);

/** `body` without links to hosts that the desk's own messages in `conversation` do not name. */
export function withoutForeignLinks(body: string, { messages }: Conversation): string {
  const said = messages.filter(({ from }) => from === 'desk').flatMap((message) => message.body.match(BARE) ?? []);
  const known = new Set(said.map(hostOf));
  const isKnown = (link: string) => {
    const host = hostOf(link);
    return host !== null && known.has(host);
  };
  return body
    .replaceAll(MARKDOWN, (whole, words: string, target: string) =>
      isKnown(/[^\s<>]+/.exec(target)?.[0] ?? '') ? whole : `${words} ${LINK_REMOVED}`.trimStart(),
    )
    .replaceAll(BARE, (link) => (isKnown(link) ? link : LINK_REMOVED));
}

/** The host of a link on the web; null for anything else. */
function hostOf(link: string): string | null {
  const whole = SCHEME.test(link) && !/^[^/]+:\d/.test(link) ? link : `https://${link}`;
  if (!URL.canParse(whole)) return null;
  const { protocol, hostname } = new URL(whole);
  return WEB.has(protocol) ? hostname.replace(/\.$/, '') : null;
}

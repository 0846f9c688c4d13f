/**
 * PagerDuty: paging by the Events API v2, and who is on call by the REST API.
 *
 * Safe to run twice: while an incident is open, a trigger with its `dedupKey` is added to it and never makes a second
 * one, and acknowledging or resolving it again changes nothing. Does not promise that of a trigger which comes after
 * the incident was resolved: that opens a new one, so a key belongs to one page and is not used again. Nor that an
 * accepted event reaches anyone: PagerDuty works it off later, and drops an acknowledgement of a key it does not know.
 */
import { z } from 'zod';
import { absent, id, PAGERDUTY_FACTS, words } from './pagerduty-facts.ts';
import { vendorCall } from './vendor-call.ts';
import { VendorError, withoutSecrets } from './vendor-error.ts';

interface Page {
  /** Names the page; the same key while its incident is open adds to it. At most 255 characters. */
  dedupKey: string;
  /** Read aloud and shown first; cut at 1024 characters. */
  summary: string;
  /** What the page is about, such as a ticket's reference. */
  source: string;
  severity: 'critical' | 'error' | 'warning' | 'info';
  link: { href: string; text: string };
  details: Readonly<Record<string, string | number | boolean | null>>;
}

interface OnCallPerson {
  id: string;
  name: string;
  email: string;
}

export interface Pagerduty {
  /** Pages; safe to run twice with the same key. Throws a VendorError. */
  trigger(page: Page, signal?: AbortSignal): Promise<void>;
  /** Quiets the open incident of the key; does nothing where there is none. Throws a VendorError. */
  acknowledge(dedupKey: string, signal?: AbortSignal): Promise<void>;
  /** Ends the open incident of the key; does nothing where there is none. Throws a VendorError. */
  resolve(dedupKey: string, signal?: AbortSignal): Promise<void>;
  /** Who is on call at `at` (milliseconds since 1970), each once, the first to be called first. Throws a VendorError. */
  onCall(scheduleId: string, at: number, signal?: AbortSignal): Promise<OnCallPerson[]>;
}

interface PagerdutyOptions {
  /** The REST API, such as `https://api.pagerduty.com`. */
  apiUrl: string;
  apiToken: string;
  /** The Events API, such as `https://events.pagerduty.com`. */
  eventsUrl: string;
  /** The integration key of the service that is paged. */
  routingKey: string;
  /** This desk's own address, shown beside the incident. */
  serviceUrl?: string;
}

type EventAction = 'trigger' | 'acknowledge' | 'resolve';

const oncallsSchema = z.object({
  more: z.boolean().nullish(),
  oncalls: z.array(
    z.object({
      user: z.object({ id, name: words, email: words }),
      escalation_level: z.number().nullish(),
      start: z.iso.datetime({ offset: true }).nullish(),
      end: z.iso.datetime({ offset: true }).nullish(),
    }),
  ),
});
type Shift = z.infer<typeof oncallsSchema>['oncalls'][number];

/**
 * The client of both APIs; every call ends after ten seconds, and is tried once: Temporal retries.
 *
 * @example await createPagerduty({ apiUrl, apiToken, eventsUrl, routingKey }).acknowledge('T-1001:ladder:1')
 */
export function createPagerduty(options: PagerdutyOptions): Pagerduty {
  const { apiToken, routingKey, serviceUrl } = options;
  const apiUrl = options.apiUrl.replace(/\/+$/, '');
  const eventsUrl = options.eventsUrl.replace(/\/+$/, '');
  const client = { client: 'Holdfast', ...(serviceUrl !== undefined && { client_url: serviceUrl }) };
  return {
    trigger: ({ dedupKey, summary, source, severity, link, details }, signal) => {
      const cut = summary.slice(0, PAGERDUTY_FACTS.longestSummary).toWellFormed();
      const payload = { summary: cut, source, severity, custom_details: details };
      return enqueue('trigger', dedupKey, signal, { ...client, payload, links: [link] });
    },
    acknowledge: (dedupKey, signal) => enqueue('acknowledge', dedupKey, signal),
    resolve: (dedupKey, signal) => enqueue('resolve', dedupKey, signal),
    async onCall(scheduleId, at, signal) {
      const shifts: Shift[] = [];
      for (let offset = 0; offset < PAGERDUTY_FACTS.mostEntries; offset += PAGERDUTY_FACTS.pageSize) {
        const headers = {
          Authorization: `Token token=${apiToken}`,
          Accept: 'application/vnd.pagerduty+json;version=2',
        };
        const answer = await call(
          'onCall',
          `${apiUrl}/oncalls?${oncallsQuery(scheduleId, at, offset)}`,
          { headers },
          signal,
        );
        const page = oncallsSchema.safeParse(parsed(answer));
        if (!page.success) {
          signal?.throwIfAborted();
          throw unreadable();
        }
        shifts.push(...page.data.oncalls);
        if (page.data.more !== true) break;
      }
      return peopleAt(shifts, at);
    },
  };

  /** The answer holds nothing that we did not send; accepted is accepted, whatever it says. */
  async function enqueue(
    action: EventAction,
    dedupKey: string,
    signal?: AbortSignal,
    more: object = {},
  ): Promise<void> {
    const body = JSON.stringify({ routing_key: routingKey, event_action: action, dedup_key: dedupKey, ...more });
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
    await call(action, `${eventsUrl}/v2/enqueue`, { method: 'POST', headers, body }, signal);
  }

  async function call(
    operation: EventAction | 'onCall',
    url: string,
    request: RequestInit,
    signal?: AbortSignal,
  ): Promise<string> {
    const timeout = AbortSignal.timeout(PAGERDUTY_FACTS.timeoutMs);
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    return vendorCall({ vendor: 'pagerduty', operation, signal }, async (answered) => {
      const response = await reach(url, { ...request, redirect: 'error', signal: either }, signal);
      answered(response.status);
      const text = await response.text().catch(() => '');
      if (!response.ok) throw refusal(response, text, [apiToken, routingKey]);
      return text;
    });
  }
}

/** A range of a second, because an empty one finds nothing; what only begins within it is left out afterwards. */
function oncallsQuery(scheduleId: string, at: number, offset: number): string {
  const query = new URLSearchParams({
    'schedule_ids[]': scheduleId,
    since: new Date(at).toISOString(),
    until: new Date(at + 1000).toISOString(),
    'include[]': 'users',
    limit: String(PAGERDUTY_FACTS.pageSize),
    offset: String(offset),
  });
  return query.toString();
}

/** One person may be on call for many policies; the lowest level counts. A shift without an end lasts. */
function peopleAt(shifts: readonly Shift[], at: number): OnCallPerson[] {
  const now = shifts.filter(
    ({ start, end }) => (start == null || Date.parse(start) <= at) && (end == null || at < Date.parse(end)),
  );
  const inOrder = now.toSorted((a, b) => (a.escalation_level ?? 0) - (b.escalation_level ?? 0));
  // A key that comes again keeps its place in a Map.
  return [...new Map(inOrder.map(({ user }) => [user.id, user])).values()];
}

/** A caller who stopped waiting gets his own reason; everything else that brings no answer may be tried again. */
async function reach(url: string, request: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch {
    signal?.throwIfAborted();
    const reason = 'PagerDuty did not answer in time, or could not be reached.';
    throw new VendorError('PagerDuty did not answer.', { service: 'PagerDuty', status: null, retryable: true, reason });
  }
}

/** How much of the vendor's words people are shown. */
const LONGEST_REASON = 300;
const fault = z.object({
  message: absent(z.string()),
  errors: absent(z.union([z.array(z.string()), z.string()])),
});
/** The Events API tells it at the top, the REST API within `error`. */
const faultSchema = fault.extend({ error: absent(fault) });

function refusal({ status, headers }: Response, text: string, secrets: readonly string[]): VendorError {
  const read = faultSchema.safeParse(parsed(text)).data;
  const { message, errors } = read?.error ?? read ?? {};
  const told = [message ?? [], errors ?? []].flat().join(': ');
  const reason = told === '' ? `PagerDuty answered ${status} without a reason.` : told.replaceAll('\u0000', '');
  const wait = headers.get('retry-after') ?? headers.get(PAGERDUTY_FACTS.waitHeader) ?? '';
  return new VendorError(`PagerDuty answered ${status}.`, {
    service: 'PagerDuty',
    status,
    retryable: status >= 500 || status === 429 || status === 408,
    ...(/^\d+$/.test(wait) && { retryAfterSeconds: Math.min(Number(wait), PAGERDUTY_FACTS.longestWaitSeconds) }),
    reason: withoutSecrets(secrets, reason).slice(0, LONGEST_REASON),
  });
}

/** May be tried again: an answer that broke off looks the same. */
function unreadable(): VendorError {
  const reason = 'PagerDuty answered with something else than on-calls with the id, name and email of each user.';
  const message = 'PagerDuty gave on-calls that could not be read.';
  return new VendorError(message, { service: 'PagerDuty', status: 200, retryable: true, reason });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever needs an object finds out that this is none.
    return undefined;
  }
}

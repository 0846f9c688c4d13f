/** Webhooks accepted a second, beside inserting the same rows without HTTP, signature and duplicates. */
import { createHmac, randomUUID } from 'node:crypto';
import { AT_ONCE, blast, requestBytes, together } from './load.ts';
import { FRONT_KEY, type Stage } from './stage.ts';

const WEBHOOKS = 12_000;
let made = 0;

/** Webhooks a second through the API. */
export async function webhooksAccepted({ port }: Stage): Promise<number> {
  const { seconds } = await blast(port, webhooks(WEBHOOKS), AT_ONCE);
  return WEBHOOKS / seconds;
}

/** Rows a second, each as the ledger keeps it, by one insert each on as many connections. */
export function rowsInserted({ pool }: Stage): Promise<number> {
  return inserts(({ id, body }) =>
    pool.query({
      name: 'bare-row',
      text: `insert into bare_inbox (source, external_id, kind, conversation_key, state, body, request_id)
               values ('front', $1, 'inbound', $2, 'received', $3, $4)`,
      values: [id, `front:${id}`, body, randomUUID()],
    }),
  );
}

/** The same where nothing is kept but key and body, in a table without an index beside its key. */
export function bodiesInserted({ pool }: Stage): Promise<number> {
  return inserts(({ id, body }) =>
    pool.query({
      name: 'bare-body',
      text: "insert into bare (kind, id, body) values ('webhook', $1, $2)",
      values: [id, body],
    }),
  );
}

async function inserts(insert: (row: { id: string; body: string }) => Promise<unknown>): Promise<number> {
  const rows = Array.from({ length: WEBHOOKS }, () => webhook());
  const seconds = await together(rows.length, async (index) => {
    const row = rows[index];
    if (row !== undefined) await insert(row);
  });
  return WEBHOOKS / seconds;
}

/** Signed webhooks as bytes, each of another conversation. */
export function webhooks(count: number): Buffer[] {
  return Array.from({ length: count }, () => {
    const { body } = webhook();
    const timestamp = `${Date.now()}`;
    const signature = createHmac('sha256', FRONT_KEY).update(`${timestamp}:${body}`).digest('base64');
    const headers = {
      'content-type': 'application/json',
      'x-front-request-timestamp': timestamp,
      'x-front-signature': signature,
    };
    return requestBytes('/webhooks/front', headers, body);
  });
}

function webhook(): { id: string; body: string } {
  made += 1;
  const id = `evt_bench${made}`;
  const data = {
    id: `msg_bench${made}`,
    type: 'email',
    is_inbound: true,
    created_at: Date.now() / 1000,
    subject: `Question ${made} about my order`,
    text: 'Where is my order? It was due on Monday, and nobody has told me anything since.',
    body: '<p>Where is my order? It was due on Monday, and nobody has told me anything since.</p>',
    recipients: [{ handle: `customer${made}@example.com`, name: 'A customer', role: 'from' }],
  };
  const payload = {
    id,
    type: 'inbound',
    emitted_at: Date.now() / 1000,
    conversation: { id: `cnv_bench${made}`, subject: data.subject },
    target: { _meta: { type: 'message' }, data },
  };
  return { id, body: JSON.stringify({ type: 'inbound_received', authorization: { id: 'cmp_bench' }, payload }) };
}

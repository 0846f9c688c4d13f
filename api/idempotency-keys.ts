/** The statements behind `Idempotency-Key`: claim, settle, release. */
import type { Pool } from 'pg';
import { DeskError } from '../domain/errors.ts';

export interface KeyOfRequest {
  principalId: string;
  key: string;
  /** SHA-256 of method, path and raw body. */
  hash: string;
}

export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  /** The answer's exact text. */
  body: string;
}

/** How long a claim holds, in seconds: a request that takes longer belongs to a process that died. */
const CLAIM_SECONDS = 30;

const CLAIM = `
  insert into idempotency_keys as k (principal_id, key, request_hash) values ($1, $2, $3)
  on conflict (principal_id, key) do update set created_at = now()
    where k.request_hash = excluded.request_hash and k.status is null
      and k.created_at < now() - interval '${CLAIM_SECONDS} seconds'
  returning 1
`;

type Row = { hash: string; status: number | null; headers: Record<string, string> | null; body: string | null };

/**
 * Claims the key, or answers what was kept for it; throws `idempotency_mismatch` for another body and
 * `request_in_progress` while the first is still being answered.
 */
export async function claim(pool: Pool, { principalId, key, hash }: KeyOfRequest): Promise<'claimed' | KeptAnswer> {
  const claimed = await pool.query({ name: 'idempotency-claim', text: CLAIM, values: [principalId, key, hash] });
  if (claimed.rowCount === 1) return 'claimed';
  const { rows } = await pool.query<Row>({
    name: 'idempotency-read',
    text: `select request_hash as hash, status, headers, body from idempotency_keys
           where principal_id = $1 and key = $2`,
    values: [principalId, key],
  });
  const [kept] = rows;
  if (kept !== undefined && kept.hash !== hash) {
    const detail = `The Idempotency-Key "${key}" was used for another request; give each request a key of its own.`;
    throw new DeskError('idempotency_mismatch', detail);
  }
  if (kept === undefined || kept.status === null || kept.body === null) {
    const detail = `The request with the Idempotency-Key "${key}" is still being answered; send it again in a second.`;
    throw new DeskError('request_in_progress', detail, { facts: { retryAfterSeconds: 1 } });
  }
  return { status: kept.status, headers: kept.headers ?? {}, body: kept.body };
}

/** Keeps the answer for the claimed key. */
export async function settle(pool: Pool, { principalId, key, hash }: KeyOfRequest, answer: KeptAnswer): Promise<void> {
  await pool.query({
    name: 'idempotency-settle',
    // The body is kept as one JSON string: as an object, jsonb would change the order of its members.
    text: `update idempotency_keys set status = $4, headers = $5, body = to_jsonb($6::text)
           where principal_id = $1 and key = $2 and request_hash = $3`,
    values: [principalId, key, hash, answer.status, JSON.stringify(answer.headers), answer.body],
  });
}

/** Gives the claim back: the same request may try again at once, another body still may not use the key. */
export async function release(pool: Pool, { principalId, key, hash }: KeyOfRequest): Promise<void> {
  await pool.query({
    name: 'idempotency-release',
    text: `update idempotency_keys set created_at = now() - interval '${CLAIM_SECONDS + 1} seconds'
           where principal_id = $1 and key = $2 and request_hash = $3 and status is null`,
    values: [principalId, key, hash],
  });
}

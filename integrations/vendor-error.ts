/**
 * What every vendor's failure becomes: whose it is, whether another try may help, and when.
 *
 * `message` is a sentence of ours that may land in logs and in Temporal's history, so it never holds a vendor's body;
 * `reason` is the vendor's own account of it, which may quote what we sent.
 */
export interface VendorFacts {
  service: string;
  /** The HTTP status; null when nothing was answered. */
  status: number | null;
  retryable: boolean;
  retryAfterSeconds?: number;
  reason: string;
}

/** A call that a vendor refused or did not answer. */
export class VendorError extends Error {
  readonly service: string;
  readonly status: number | null;
  readonly retryable: boolean;
  readonly retryAfterSeconds?: number;
  readonly reason: string;

  constructor(message: string, facts: VendorFacts) {
    super(message);
    this.name = 'VendorError';
    this.service = facts.service;
    this.status = facts.status;
    this.retryable = facts.retryable;
    if (facts.retryAfterSeconds !== undefined) this.retryAfterSeconds = facts.retryAfterSeconds;
    this.reason = facts.reason;
  }
}

/** A vendor's words without our `secrets`: a complaint about a key may quote it. */
export function withoutSecrets(secrets: readonly string[], words: string): string {
  return secrets.reduce((all, secret) => (secret === '' ? all : all.replaceAll(secret, '[redacted]')), words);
}

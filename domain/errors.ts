/**
 * Every way the desk says no, in one table: code → HTTP status, title, and whether the same request may succeed later.
 *
 * Codes are promises to integrations. Details are whole sentences that name the field, the value and the fix; they never
 * hold a secret or a stack.
 */
export const ERRORS = {
  invalid_http: { status: 400, title: 'The request is not HTTP', retryable: false },
  invalid_json: { status: 400, title: 'The body is not JSON', retryable: false },
  invalid_request: { status: 422, title: 'The request does not fit the schema', retryable: false },
  invalid_cursor: { status: 400, title: 'The cursor is not one of ours', retryable: false },
  unauthenticated: { status: 401, title: 'Not signed in', retryable: false },
  invalid_signature: { status: 401, title: 'The signature does not match', retryable: false },
  forbidden: { status: 403, title: 'Not allowed', retryable: false },
  not_found: { status: 404, title: 'Not found', retryable: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', retryable: false },
  illegal_transition: { status: 409, title: 'The ticket cannot take this step now', retryable: false },
  ticket_closed: { status: 409, title: 'The ticket is closed', retryable: false },
  draft_stale: { status: 409, title: 'The draft can no longer be decided', retryable: false },
  ticket_merged: { status: 409, title: 'The ticket went into another', retryable: false },
  merge_refused: { status: 409, title: 'The tickets cannot be merged', retryable: false },
  not_merged: { status: 409, title: 'The ticket did not go into another', retryable: false },
  not_snoozed: { status: 409, title: 'The ticket is not snoozed', retryable: false },
  already_assigned: { status: 409, title: 'The ticket is assigned already', retryable: false },
  not_assigned: { status: 409, title: 'The ticket is not assigned', retryable: false },
  agent_full: { status: 409, title: 'The agent has no room', retryable: false },
  no_escalation: { status: 409, title: 'No escalation is under way', retryable: false },
  too_late: { status: 409, title: 'The message cannot be undone any more', retryable: false },
  reason_required: { status: 422, title: 'A reason is required', retryable: false },
  in_use: { status: 409, title: 'Something still uses it', retryable: false },
  last_admin: { status: 409, title: 'Nobody else could manage the desk', retryable: false },
  request_in_progress: { status: 409, title: 'The same request is still being answered', retryable: true },
  precondition_failed: { status: 412, title: 'The resource has changed', retryable: false },
  too_many_requests: { status: 429, title: 'Too many attempts', retryable: true },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  recipient_flooded: { status: 429, title: 'Programs have sent this requester enough for now', retryable: true },
  body_too_large: { status: 413, title: 'The body is too large', retryable: false },
  unsupported_media_type: { status: 415, title: 'Not a JSON body', retryable: false },
  invalid_link: { status: 403, title: 'The link does not hold', retryable: false },
  already_uploaded: { status: 409, title: 'The file was uploaded before', retryable: false },
  upload_incomplete: { status: 409, title: 'The file is not there whole', retryable: false },
  too_many_files: { status: 409, title: 'Too many files belong to no message', retryable: false },
  file_refused: { status: 422, title: 'The file is not kept', retryable: false },
  uri_too_long: { status: 414, title: 'The query string is too long', retryable: false },
  headers_too_large: { status: 431, title: 'The headers are too large', retryable: false },
  request_timeout: { status: 408, title: 'The request did not arrive in time', retryable: true },
  idempotency_mismatch: { status: 422, title: 'The Idempotency-Key was used for another body', retryable: false },
  upgrade_required: { status: 426, title: 'This is a WebSocket', retryable: false },
  time_skipping_unavailable: { status: 501, title: 'Nobody can look ahead here', retryable: false },
  internal: { status: 500, title: 'Something went wrong on our side', retryable: true },
  files_unavailable: { status: 503, title: 'Files cannot be kept or fetched right now', retryable: true },
  overloaded: { status: 503, title: 'Too much is going on', retryable: true },
  workflow_unavailable: { status: 503, title: 'Tickets cannot be changed right now', retryable: true },
  database_unavailable: { status: 503, title: 'The database does not answer', retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ErrorCode = keyof typeof ERRORS;

export interface FieldError {
  path: string;
  message: string;
}

/** An error that an outsider may see: `code` is a row of {@link ERRORS}, `message` a whole sentence. */
export class DeskError extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  /** Facts for the answer's body beside the standard ones, such as `allowed` of an illegal transition. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    detail: string,
    more: { errors?: readonly FieldError[]; facts?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause });
    this.name = 'DeskError';
    this.code = code;
    this.errors = more.errors ?? [];
    this.facts = more.facts ?? {};
  }
}

/** Whether `code` is a row of {@link ERRORS}; for codes that come back as text from a workflow. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}

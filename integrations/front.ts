/**
 * Front: its webhooks' signatures and bodies, and the two calls that the desk makes.
 *
 * Does not promise exactly one reply: Front's API takes no idempotency key, so a process that dies between Front's
 * acceptance and our record may send a reply twice. Nor does it check how old a webhook is: Front repeats an
 * undelivered one, and a repeated event is known by its id.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { VendorError, vendorFetch } from './vendor-error.ts';

/** Facts from third parties and from documentation that we could not try († in vendors.md): correct them here. */
export const FRONT_FACTS = {
  signatureHeader: 'x-front-signature',
  timestampHeader: 'x-front-request-timestamp',
  challengeHeader: 'x-front-challenge',
  /** The inner type of a customer's message. */
  inboundType: 'inbound',
  /** The outer type with which Front checks an address. */
  syncType: 'sync',
} as const;

export type FrontHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface FrontSecrets {
  appSigningKey: string;
  ruleSecret: string;
}

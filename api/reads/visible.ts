/**
 * Row scope in SQL: the conditions under which a viewer sees a ticket or a customer. Every statement that reads tickets for
 * somebody takes them; there is no reading first and looking afterwards.
 */
import { seesEverything, type Viewer } from '../../domain/scope.ts';

/** Adds a value to a statement's parameters and answers its place, such as `$3`. */
export type Bind = (value: unknown) => string;

/** What else a statement demands of each of its tickets. */
interface Demanded {
  team?: string | undefined;
  supportType?: string | undefined;
}

/**
 * What a row of `tickets` named `t` must fulfil for `viewer` to see it; none for somebody who sees every ticket, or every
 * one that fulfils what is `demanded` beside it. What that settles is not asked again, so that its index has the answer.
 *
 * @example const where = [...visibleTickets(principal, 't', bind), `t.status = ${bind('open')}`];
 */
export function visibleTickets(viewer: Viewer, t: string, bind: Bind, demanded: Demanded = {}): string[] {
  if (seesEverything(viewer)) return [];
  if (viewer.customerId !== null) return [`${t}.requester_id = ${bind(viewer.customerId)}::uuid`];
  const { holderId, scope } = viewer;
  const own = () => (holderId === null ? 'false' : `${t}.assignee_id = ${bind(holderId)}::uuid`);
  const { team, supportType } = demanded;
  if (isOutside(team, scope.teams) || isOutside(supportType, scope.supportTypes)) return [own()];
  const fits: string[] = [];
  if (scope.supportTypes !== null && supportType === undefined) {
    fits.push(`${t}.support_type = any(${bind(scope.supportTypes)}::text[])`);
  }
  if (scope.teams !== null && team === undefined) fits.push(`${t}.team_id = any(${bind(scope.teams)}::text[])`);
  if (scope.organisations !== null) {
    const ids = `${bind(scope.organisations)}::uuid[]`;
    fits.push(`${t}.requester_id in (select id from customers where organisation_id = any(${ids}))`);
  }
  if (fits.length === 0) return [];
  const inScope = fits.join(' and ');
  return holderId === null ? [inScope] : [`(${own()} or (${inScope}))`];
}

function isOutside(demanded: string | undefined, scope: readonly string[] | null): boolean {
  return demanded !== undefined && scope !== null && !scope.includes(demanded);
}

/**
 * What a row of `customers` named `c` must fulfil for `viewer` to see it: a customer sees himself; somebody with a scope
 * sees whoever belongs to its organisations or has a ticket that he sees.
 */
export function visibleCustomers(viewer: Viewer, c: string, bind: Bind): string[] {
  if (seesEverything(viewer)) return [];
  if (viewer.customerId !== null) return [`${c}.id = ${bind(viewer.customerId)}::uuid`];
  const { supportTypes, teams, organisations } = viewer.scope;
  const ticket = visibleTickets(viewer, 'seen', bind).join(' and ');
  const asked = `exists (select from tickets seen where seen.requester_id = ${c}.id and ${ticket})`;
  if (organisations === null || supportTypes !== null || teams !== null) return [asked];
  return [`(${c}.organisation_id = any(${bind(organisations)}::uuid[]) or ${asked})`];
}

/**
 * Which rows somebody sees. A scope narrows by support type, team and organisation, each null where it does not; a ticket
 * has to fit all that are given. What is in an agent's own hands he sees in any case: a lead who assigns it to him shows
 * it to him. A customer sees what he himself asked for, and of it what was said in public.
 *
 * Does not promise anything of itself: queries apply it, api/reads/visible.ts is their words for it.
 */
export interface Scope {
  supportTypes: readonly string[] | null;
  teams: readonly string[] | null;
  /** Organisations' ids. */
  organisations: readonly string[] | null;
}

export const EVERYTHING: Scope = Object.freeze({ supportTypes: null, teams: null, organisations: null });

/** Somebody, as far as rows go. */
export interface Viewer {
  /** The agent whose tickets in hand are seen in any case; null for a key that was cut down, and for one of nobody. */
  holderId: string | null;
  /** Of somebody with the role of a customer: the customer that he is. */
  customerId: string | null;
  scope: Scope;
}

/** The desk's own eyes. */
export const DESK: Viewer = Object.freeze({ holderId: null, customerId: null, scope: EVERYTHING });

/** Whether `viewer` sees every ticket there is. */
export function seesEverything({ customerId, scope }: Viewer): boolean {
  return customerId === null && isEverything(scope);
}

/** Whether `scope` narrows nothing. */
export function isEverything({ supportTypes, teams, organisations }: Scope): boolean {
  return supportTypes === null && teams === null && organisations === null;
}

/** What both scopes allow: never more than either of them does. */
export function intersectionOf(one: Scope, other: Scope): Scope {
  return {
    supportTypes: inBoth(one.supportTypes, other.supportTypes),
    teams: inBoth(one.teams, other.teams),
    organisations: inBoth(one.organisations, other.organisations),
  };
}

/** Whether `inner` allows nothing that `outer` does not. */
export function isWithin(inner: Scope, outer: Scope): boolean {
  return (['supportTypes', 'teams', 'organisations'] as const).every((part) => {
    const [asked, allowed] = [inner[part], outer[part]];
    return allowed === null || (asked !== null && asked.every((id) => allowed.includes(id)));
  });
}

function inBoth(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (one === null || other === null) return one ?? other;
  return one.filter((id) => other.includes(id));
}

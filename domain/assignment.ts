/**
 * Choosing an agent for a ticket, by the mode of its support type.
 *
 * Pure: whoever asks brings the loads, and the order in which agents are listed changes nothing. Does not promise that the
 * chosen agent still has room when the choice is recorded: that is guarded where it is written.
 */
export const ASSIGNMENT_MODES = ['manual', 'roundRobin', 'leastLoaded', 'skills', 'preferred', 'seniorForVip'] as const;
export type AssignmentMode = (typeof ASSIGNMENT_MODES)[number];

export const AVAILABILITIES = ['online', 'away', 'offline'] as const;
export type Availability = (typeof AVAILABILITIES)[number];

export interface Candidate {
  id: string;
  availability: Availability;
  /** How many tickets at once. */
  capacity: number;
  /** How many tickets now. */
  load: number;
  teamIds: readonly string[];
  /** Skill → level, 1 to 5. */
  skills: Readonly<Record<string, number>>;
  /** ISO 639-1. */
  languages: readonly string[];
  senior: boolean;
  /** Whether the agent's working hours include this moment. */
  working: boolean;
  /** Milliseconds since 1970; null for an agent who never had a ticket. */
  lastAssignedAt: number | null;
}

export interface Wanted {
  mode: AssignmentMode;
  /** Null: any team. */
  teamId: string | null;
  /** Skill → the least level. Asked for in mode `skills` only. */
  skills: Readonly<Record<string, number>>;
  /** ISO 639-1; a wish in every mode, never a condition. */
  language: string | null;
  preferredAgentId: string | null;
  vip: boolean;
  /** Agents who are not to have it, such as the one who handed it back. */
  exclude: readonly string[];
}

/** `why` is a whole sentence for the ticket's timeline. */
type Choice = { agentId: string; why: string } | { agentId: null; why: string };

/**
 * Chooses who gets a ticket: an agent who is online, working, below capacity, in the team, not excluded and, in mode
 * `skills`, skilled enough; nobody only when there is no such agent or the mode is `manual`.
 *
 * Among those: the preferred agent (not in `roundRobin`), then whoever speaks the language, then a senior for a VIP in
 * `seniorForVip`, then the mode's own order. Whatever is still equal goes round robin, and last by id.
 *
 * @example chooseAgent({ mode: 'leastLoaded', teamId: 'billing', … }, agents).why; // Least loaded of 3 agents free in team billing.
 */
export function chooseAgent(wanted: Wanted, candidates: readonly Candidate[]): Choice {
  if (wanted.mode === 'manual') {
    return { agentId: null, why: 'Nobody was chosen, because tickets of this kind are taken by hand.' };
  }
  let pool = candidates;
  for (const condition of conditionsOf(wanted)) {
    const met = pool.filter(condition.met);
    if (met.length === 0) return { agentId: null, why: `Nobody was chosen, because ${condition.unmet}.` };
    pool = met;
  }
  const notes: string[] = [];
  if (wanted.preferredAgentId !== null && wanted.mode !== 'roundRobin') {
    const preferred = pool.find((candidate) => candidate.id === wanted.preferredAgentId);
    if (preferred !== undefined) {
      return { agentId: preferred.id, why: `The preferred agent is free${inTeam(wanted)}.` };
    }
    notes.push('the preferred agent is not available');
  }
  const granted: string[] = [];
  for (const wish of wishesOf(wanted)) {
    const met = pool.filter(wish.met);
    if (met.length > 0) {
      pool = met;
      granted.push(wish.granted);
    } else {
      notes.push(wish.denied);
    }
  }
  const best = pool.toSorted(orderOf(wanted))[0];
  if (best === undefined) throw new Error('A pool that was found not to be empty has nobody in it.');
  const free = [`free${inTeam(wanted)}`, ...granted].join(', ');
  const sentence =
    pool.length === 1 ? `The only agent ${free}` : `${praiseOf(wanted)} of ${pool.length} agents ${free}`;
  return { agentId: best.id, why: `${[sentence, ...notes].join('; ')}.` };
}

interface Condition {
  met: (candidate: Candidate) => boolean;
  /** What is said when nobody who was left meets it. */
  unmet: string;
}

function conditionsOf(wanted: Wanted): Condition[] {
  const where = inTeam(wanted);
  const skills = Object.entries(wanted.skills);
  const conditions: Condition[] = [
    {
      met: ({ teamIds }) => wanted.teamId === null || teamIds.includes(wanted.teamId),
      unmet: `there is no agent${where}`,
    },
    { met: ({ id }) => !wanted.exclude.includes(id), unmet: `every agent${where} is excluded` },
    { met: ({ availability }) => availability === 'online', unmet: `no agent${where} is online` },
    { met: ({ working }) => working, unmet: `nobody online${where} is within working hours` },
    { met: ({ load, capacity }) => load < capacity, unmet: `nobody at work${where} has room for one more` },
  ];
  if (wanted.mode !== 'skills') return conditions;
  return [
    ...conditions,
    {
      met: (candidate) => skills.every(([skill, level]) => levelOf(candidate, skill) >= level),
      unmet: `nobody free${where} has ${listed(skills)}`,
    },
  ];
}

interface Wish {
  met: (candidate: Candidate) => boolean;
  granted: string;
  denied: string;
}

function wishesOf(wanted: Wanted): Wish[] {
  const wishes: Wish[] = [];
  const { language } = wanted;
  if (language !== null) {
    wishes.push({
      met: ({ languages }) => languages.includes(language),
      granted: `speaking ${language}`,
      denied: `nobody free speaks ${language}`,
    });
  }
  if (wanted.mode === 'seniorForVip' && wanted.vip) {
    wishes.push({ met: ({ senior }) => senior, granted: 'senior for a VIP', denied: 'no senior is among them' });
  }
  return wishes;
}

type Order = (a: Candidate, b: Candidate) => number;

function orderOf(wanted: Wanted): Order {
  switch (wanted.mode) {
    case 'roundRobin':
      return byTurn;
    case 'skills':
      // The least over-qualified first, so that experts stay free for what only they can do.
      return (a, b) => surplus(a, wanted) - surplus(b, wanted) || byLoad(a, b) || byTurn(a, b);
    default:
      return (a, b) => byLoad(a, b) || byTurn(a, b);
  }
}

/** Compared crosswise: a quotient would call 1/3 and 2/6 different once they are rounded. */
function byLoad(a: Candidate, b: Candidate): number {
  return a.load * b.capacity - b.load * a.capacity;
}

function byTurn(a: Candidate, b: Candidate): number {
  if (a.lastAssignedAt !== b.lastAssignedAt) {
    return (a.lastAssignedAt ?? -Infinity) < (b.lastAssignedAt ?? -Infinity) ? -1 : 1;
  }
  return a.id < b.id ? -1 : 1;
}

function surplus(candidate: Candidate, wanted: Wanted): number {
  return Object.entries(wanted.skills).reduce((sum, [skill, level]) => sum + levelOf(candidate, skill) - level, 0);
}

function levelOf(candidate: Candidate, skill: string): number {
  return Object.hasOwn(candidate.skills, skill) ? (candidate.skills[skill] ?? 0) : 0;
}

function praiseOf(wanted: Wanted): string {
  if (wanted.mode === 'roundRobin') return 'Longest without a new ticket';
  return wanted.mode === 'skills' && Object.keys(wanted.skills).length > 0
    ? `Closest to ${listed(Object.entries(wanted.skills))}`
    : 'Least loaded';
}

function inTeam({ teamId }: Wanted): string {
  return teamId === null ? '' : ` in team ${teamId}`;
}

function listed(skills: readonly (readonly [skill: string, level: number])[]): string {
  return skills.map(([skill, level]) => `${skill} at level ${level}`).join(' and ');
}

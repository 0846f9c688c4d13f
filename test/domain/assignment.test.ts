import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASSIGNMENT_MODES, AVAILABILITIES, chooseAgent, type Candidate, type Wanted } from '../../domain/assignment.ts';

function agent(id: string, more: Partial<Candidate> = {}): Candidate {
  return {
    id,
    availability: 'online',
    capacity: 4,
    load: 0,
    teamIds: ['billing'],
    skills: {},
    languages: ['en'],
    senior: false,
    working: true,
    lastAssignedAt: null,
    ...more,
  };
}

function wanted(more: Partial<Wanted> = {}): Wanted {
  return {
    mode: 'leastLoaded',
    teamId: 'billing',
    skills: {},
    language: null,
    preferredAgentId: null,
    vip: false,
    exclude: [],
    ...more,
  };
}

const teams = ['billing', 'technical'];
const skillLevels = fc.dictionary(fc.constantFrom('api', 'sql'), fc.integer({ min: 1, max: 5 }), { maxKeys: 2 });
const ids = ['ada', 'bo', 'cy', 'dee', 'eve', 'flo'];
const anyTeam: fc.Arbitrary<Candidate> = fc.record({
  id: fc.constantFrom(...ids),
  availability: fc.constantFrom('online' as const, 'online' as const, ...AVAILABILITIES),
  capacity: fc.integer({ min: 0, max: 4 }),
  load: fc.integer({ min: 0, max: 5 }),
  teamIds: fc.subarray(teams, { minLength: 1 }),
  skills: skillLevels,
  languages: fc.subarray(['en', 'de']),
  senior: fc.boolean(),
  working: fc.boolean(),
  lastAssignedAt: fc.option(fc.integer({ min: 1, max: 4 })),
});
const anyAgents = fc.uniqueArray(anyTeam, { selector: ({ id }) => id, maxLength: ids.length });
const anyWanted: fc.Arbitrary<Wanted> = fc.record({
  mode: fc.constantFrom(...ASSIGNMENT_MODES),
  teamId: fc.option(fc.constantFrom(...teams)),
  skills: skillLevels,
  language: fc.option(fc.constantFrom('en', 'de', 'fr')),
  preferredAgentId: fc.option(fc.constantFrom(...ids)),
  vip: fc.boolean(),
  exclude: fc.subarray(ids, { maxLength: 2 }),
});

/** The conditions once more, all at once and in the words of the rule. */
function fits(wanted: Wanted, candidate: Candidate): boolean {
  return (
    wanted.mode !== 'manual' &&
    candidate.availability === 'online' &&
    candidate.working &&
    candidate.load < candidate.capacity &&
    (wanted.teamId === null || candidate.teamIds.includes(wanted.teamId)) &&
    !wanted.exclude.includes(candidate.id) &&
    (wanted.mode !== 'skills' ||
      Object.entries(wanted.skills).every(([skill, level]) => (candidate.skills[skill] ?? 0) >= level))
  );
}

describe('whatever is wanted of whichever agents', () => {
  test('only one who fits is chosen, and nobody only when nobody fits', () => {
    fc.assert(
      fc.property(anyWanted, anyAgents, (wanted, agents) => {
        const fitting = agents.filter((candidate) => fits(wanted, candidate)).map(({ id }) => id);
        const { agentId } = chooseAgent(wanted, agents);
        if (fitting.length === 0) expect(agentId).toBeNull();
        else expect(fitting).toContain(agentId);
      }),
      { numRuns: 1000 },
    );
  });

  test('the order in which agents are listed changes nothing', () => {
    const shuffled = anyAgents.chain((agents) =>
      fc.tuple(
        fc.constant(agents),
        fc.shuffledSubarray(agents, { minLength: agents.length, maxLength: agents.length }),
      ),
    );
    fc.assert(
      fc.property(anyWanted, shuffled, (wanted, [agents, others]) => {
        expect(chooseAgent(wanted, others)).toEqual(chooseAgent(wanted, agents));
      }),
      { numRuns: 500 },
    );
  });

  test('a preferred agent who fits gets it, except in round robin', () => {
    fc.assert(
      fc.property(anyWanted, anyAgents, (wanted, agents) => {
        const preferred = agents.find(({ id }) => id === wanted.preferredAgentId);
        fc.pre(wanted.mode !== 'roundRobin' && preferred !== undefined && fits(wanted, preferred));
        expect(chooseAgent(wanted, agents).agentId).toBe(preferred?.id);
      }),
      { maxSkipsPerRun: 1000 },
    );
  });

  test('the language is spoken by whoever is chosen, if anybody who fits speaks it', () => {
    fc.assert(
      fc.property(anyWanted, anyAgents, fc.constantFrom('en', 'de'), (wanted, agents, language) => {
        const speakers = agents.filter((each) => fits(wanted, each) && each.languages.includes(language));
        fc.pre(speakers.length > 0);
        const { agentId } = chooseAgent({ ...wanted, language, preferredAgentId: null }, agents);
        expect(speakers.map(({ id }) => id)).toContain(agentId);
      }),
      { maxSkipsPerRun: 1000 },
    );
  });

  test('why is one sentence', () => {
    fc.assert(
      fc.property(anyWanted, anyAgents, (wanted, agents) => {
        expect(chooseAgent(wanted, agents).why).toMatch(/^[A-Z][^.]+\.$/);
      }),
    );
  });
});

describe('round robin', () => {
  test('nobody gets a second ticket before everybody else who fits has had one', () => {
    const anyFitting = fc.uniqueArray(
      fc.record({ id: fc.constantFrom(...ids), lastAssignedAt: fc.option(fc.integer({ min: 1, max: 4 })) }),
      { selector: ({ id }) => id, minLength: 1 },
    );
    fc.assert(
      fc.property(anyFitting, fc.integer({ min: 1, max: 4 }), (ring, rounds) => {
        let agents = ring.map(({ id, lastAssignedAt }) => agent(id, { lastAssignedAt, capacity: 100 }));
        for (let round = 0; round < rounds; round += 1) {
          const chosen = agents.map((_, turn) => {
            const { agentId } = chooseAgent(wanted({ mode: 'roundRobin', preferredAgentId: 'ada' }), agents);
            agents = agents.map((each) =>
              each.id === agentId ? { ...each, load: each.load + 1, lastAssignedAt: 100 * (round + 1) + turn } : each,
            );
            return agentId;
          });
          expect(new Set(chosen).size).toBe(agents.length);
        }
      }),
    );
  });

  test('goes first to whoever never had one, then to whoever waits longest, whatever the load', () => {
    const agents = [agent('ada', { lastAssignedAt: 5 }), agent('bo', { lastAssignedAt: 3, load: 3 })];
    expect(chooseAgent(wanted({ mode: 'roundRobin' }), agents).agentId).toBe('bo');
    expect(chooseAgent(wanted({ mode: 'roundRobin' }), [...agents, agent('cy')])).toEqual({
      agentId: 'cy',
      why: 'Longest without a new ticket of 3 agents free in team billing.',
    });
  });
});

test.each(ASSIGNMENT_MODES.filter((mode) => mode !== 'manual'))('equals in mode %s are settled by id', (mode) => {
  const equals = [agent('bo'), agent('ada'), agent('cy')];
  expect(chooseAgent(wanted({ mode }), equals).agentId).toBe('ada');
  expect(chooseAgent(wanted({ mode }), equals.toReversed()).agentId).toBe('ada');
});

describe('least loaded', () => {
  test('is measured against capacity, not counted', () => {
    const agents = [agent('ada', { load: 2, capacity: 10 }), agent('bo', { load: 1, capacity: 2 })];
    expect(chooseAgent(wanted(), agents)).toEqual({
      agentId: 'ada',
      why: 'Least loaded of 2 agents free in team billing.',
    });
  });

  test('goes round robin among the equally loaded, of whatever capacity', () => {
    const agents = [
      agent('ada', { load: 1, capacity: 3, lastAssignedAt: 2 }),
      agent('bo', { load: 2, capacity: 6, lastAssignedAt: 1 }),
    ];
    expect(chooseAgent(wanted(), agents).agentId).toBe('bo');
  });
});

describe('skills', () => {
  const skills = { api: 3, sql: 1 };
  const expert = agent('ada', { skills: { api: 5, sql: 5 } });
  const enough = agent('bo', { skills: { api: 3, sql: 2 }, load: 3 });
  const lacking = agent('cy', { skills: { api: 5 } });

  test('keep the expert free while somebody less skilled is skilled enough', () => {
    expect(chooseAgent(wanted({ mode: 'skills', skills }), [expert, enough, lacking])).toEqual({
      agentId: 'bo',
      why: 'Closest to api at level 3 and sql at level 1 of 2 agents free in team billing.',
    });
    expect(chooseAgent(wanted({ mode: 'skills', skills }), [expert, lacking]).agentId).toBe('ada');
  });

  test('that nobody has leave the ticket waiting, and say so', () => {
    expect(chooseAgent(wanted({ mode: 'skills', skills }), [lacking])).toEqual({
      agentId: null,
      why: 'Nobody was chosen, because nobody free in team billing has api at level 3 and sql at level 1.',
    });
  });

  test('are not had by the name of something that every object has', () => {
    expect(chooseAgent(wanted({ mode: 'skills', skills: { constructor: 1 } }), [expert]).agentId).toBeNull();
  });
});

describe('a preference', () => {
  test('goes before load and language, and gives way to the least loaded when the agent is away', () => {
    const busy = agent('ada', { load: 3, languages: [] });
    const want = wanted({ mode: 'preferred', preferredAgentId: 'ada', language: 'en' });
    expect(chooseAgent(want, [busy, agent('bo')])).toEqual({
      agentId: 'ada',
      why: 'The preferred agent is free in team billing.',
    });
    expect(chooseAgent(want, [{ ...busy, availability: 'away' }, agent('bo')])).toEqual({
      agentId: 'bo',
      why: 'The only agent free in team billing, speaking en; the preferred agent is not available.',
    });
  });
});

describe('a VIP', () => {
  const agents = [agent('ada'), agent('bo', { senior: true, load: 3 })];

  test('gets a senior, however busy, and anybody when there is none', () => {
    expect(chooseAgent(wanted({ mode: 'seniorForVip', vip: true }), agents).agentId).toBe('bo');
    expect(chooseAgent(wanted({ mode: 'seniorForVip', vip: true }), [agent('ada'), agent('cy')])).toEqual({
      agentId: 'ada',
      why: 'Least loaded of 2 agents free in team billing; no senior is among them.',
    });
  });

  test('is who seniors are kept for in no other case', () => {
    expect(chooseAgent(wanted({ mode: 'seniorForVip' }), agents).agentId).toBe('ada');
    expect(chooseAgent(wanted({ vip: true }), agents).agentId).toBe('ada');
  });
});

test.each([
  [[], wanted(), 'Nobody was chosen, because there is no agent in team billing.'],
  [[agent('ada')], wanted({ teamId: 'x' }), 'Nobody was chosen, because there is no agent in team x.'],
  [[agent('ada')], wanted({ exclude: ['ada'] }), 'Nobody was chosen, because every agent in team billing is excluded.'],
  [
    [agent('ada', { availability: 'away' })],
    wanted({ teamId: null }),
    'Nobody was chosen, because no agent is online.',
  ],
  [
    [agent('ada', { working: false })],
    wanted(),
    'Nobody was chosen, because nobody online in team billing is within working hours.',
  ],
  [
    [agent('ada', { load: 4 })],
    wanted(),
    'Nobody was chosen, because nobody at work in team billing has room for one more.',
  ],
  [
    [agent('ada')],
    wanted({ mode: 'manual', preferredAgentId: 'ada' }),
    'Nobody was chosen, because tickets of this kind are taken by hand.',
  ],
])('a ticket that nobody gets says why (%#)', (agents, want, why) => {
  expect(chooseAgent(want, agents)).toEqual({ agentId: null, why });
});

/**
 * Fills a desk's database with tickets as a desk has them after some years, straight by SQL: customers and organisations,
 * statuses, teams, conversations of words that follow Zipf's law, and what is searched of them.
 *
 * Triggers do not run meanwhile, so what they would have written is written here, from sentences that are parsed once. All
 * rows lie in the order in which their tickets came, as a desk that lives would have written them.
 * Promises nothing about workflows: these tickets have none.
 */
import type pg from 'pg';
import { blankTicket, type Ticket } from '../domain/ticket.ts';

const HOUR = 3_600_000;
const EACH = { urgent: HOUR, high: 4 * HOUR, normal: 8 * HOUR, low: 24 * HOUR };

/** What all of them have in common, as large as states are. */
const STATE: Ticket = {
  ...blankTicket('', 0),
  channel: 'front',
  version: 9,
  sequence: 14,
  policy: {
    id: 'standard',
    name: 'Standard',
    version: 1,
    calendar: null,
    targets: { firstResponse: EACH, nextResponse: EACH, resolution: EACH },
    warnAt: [0.75],
    ladder: [{ delay: 0, page: [{ kind: 'channel' }, { kind: 'assignee' }] }],
  },
  clocks: {
    firstResponse: {
      startedAt: 0,
      target: HOUR,
      counted: 0,
      since: null,
      dueAt: HOUR,
      warnAt: [],
      warnedAt: null,
      breachedAt: null,
      fulfilledAt: 1,
    },
    nextResponse: null,
    resolution: null,
  },
};

/** Words that the bench looks for, by how many others are more usual; the rest of the vocabulary is made up. */
const WORDS = { 3: 'order', 12: 'refund', 60: 'invoice', 500: 'warranty', 501: 'guarantee' };

/** How many tickets have a word that is rare. */
const RARE = 40;

const SENTENCES = `
  create temp table vocabulary as
    select n, coalesce($1::jsonb ->> n::text,
                       translate(substr(md5(n::text), 1, 4 + n % 6), '0123456789', 'ghijklmnop')) as word
    from generate_series(0, 20000) n`;
const PARSED = `
  create temp table sentences as
    select n, body, setweight(words_of(body), 'C') as words from (
      select picked.n, string_agg(v.word, ' ') || '.' as body
      from (select n, floor(exp(random() * ln(20000)))::integer - 1 as rank
            from generate_series(0, 4999) n, generate_series(1, 15)) picked
      join vocabulary v on v.n = picked.rank group by picked.n
    ) s`;

const NAMES = `
  create temp table people as
    select people.n, md5('customer ' || people.n)::uuid as id, first || ' ' || last as name,
           first || '.' || last || people.n || '@org' || people.n % (1 + $1::integer / 250) || '.test' as email
    from (select generate_series(0, $1::integer / 5) as n) people
    cross join lateral (select (array['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Radia', 'Ken', 'Frances', 'Tony'])
                               [1 + people.n % 10] as first) f
    cross join lateral (select initcap(word) as last from vocabulary where vocabulary.n = 2000 + people.n % ($1::integer / 10)) l`;
const ORGANISATIONS = `
  insert into organisations (id, name, domain)
    select md5('organisation ' || n)::uuid, 'Organisation ' || n, 'org' || n || '.test'
    from generate_series(0, $1::integer / 250) n`;
const CUSTOMERS = `
  insert into customers (id, email, name, tier, organisation_id, created_at)
    select id, lower(email), name, case when n % 50 = 0 then 'vip' end,
           md5('organisation ' || n % (1 + $1::integer / 250))::uuid, now() - interval '2 years'
    from people`;
const AGENTS = `
  insert into users (id, email, name, role, created_at)
    select md5('agent ' || n)::uuid, 'agent' || n || '@bench.test', 'Agent ' || n, 'agent', now()
    from generate_series(0, 99) n`;

/** Most are closed; what is to be done lies among the newest. */
const PLANNED = `
  create temp table planned as
    select i as n, 1000 + i as number, md5('ticket ' || i)::uuid as id, p.id as requester, p.n as customer,
           now() - interval '2 years' * ($1::integer - i) / $1::integer as at, s.status,
           (array['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + floor(random() * 6)::integer] as priority,
           'team-' || floor(random() * 20) as team, 'type-' || floor(random() * 30) as type,
           case when random() < 0.05 then 'api' else 'front' end as channel, floor(random() * 50) as tag, floor(random() * 7) as area,
           case when random() < 0.9 then md5('agent ' || floor(random() * 100))::uuid end as agent,
           case when s.open then random() end as luck
    from generate_series(1, $1::integer) i
    join people p on p.n = (i * 7919::bigint) % (1 + $1::integer / 5)
    cross join lateral (
      select open, case
        when open then (array['open', 'open', 'open', 'escalated', 'pending', 'on_hold'])[1 + i % 6]
        when random() < 0.1 then 'resolved' else 'closed' end as status
      from (select random() < case when i > $1::integer * 0.9 then 0.4 else 0.01 end as open) o
    ) s`;
const TICKETS = `
  insert into tickets (id, number, version, status, priority, channel, subject, requester_id, assignee_id, sla_due_at, state,
                       created_at, updated_at, support_type, team_id, tags, late, at_risk)
    select id, number, 9, status, priority, channel, left(s.body, 60), requester, agent,
           case when luck > 0.1 then at + interval '1 hour' end,
           $1::jsonb || jsonb_build_object('id', p.id, 'number', number, 'status', status, 'priority', priority, 'requesterId',
             requester, 'conversationId', 'cnv_' || number, 'teamId', team, 'assigneeId', agent, 'supportType',
             jsonb_build_object('id', type), 'customerTier', case when customer % 50 = 0 then 'vip' end),
           at, at, type, team, jsonb_build_array('tag-' || tag, 'area-' || area), coalesce(luck < 0.1, false),
           coalesce(luck > 0.9, false)
    from planned p join sentences s on s.n = (p.n * 31) % 5000 order by p.n`;

/** Three messages a ticket, of four sentences each: the customer's, a reply and a note. */
const SAID = `
  create temp table said as
    select p.n, p.id as ticket, k, md5('text ' || p.n || ' ' || k)::uuid as id,
           a.body || ' ' || b.body || ' ' || c.body || ' ' || d.body
             || case when p.n % $1::integer = 5 and k = 0 then ' The zeppelin.' else '' end as body,
           a.words || b.words || c.words || d.words as words
    from planned p cross join generate_series(0, 2) k
    join sentences a on a.n = (p.n * 17 + k) % 5000 join sentences b on b.n = (p.n * 101 + k) % 5000
    join sentences c on c.n = (p.n * 613 + k) % 5000 join sentences d on d.n = (p.n * 4001::bigint + k) % 5000
    order by p.n, k`;
const TEXTS = 'insert into texts (id, body, created_at) select id, body, now() from said';
const MESSAGES = `
  insert into messages (id, ticket_id, direction, author_kind, author_id, text_id, state, created_at)
    select md5('message ' || s.n || ' ' || k)::uuid, ticket, (array['inbound', 'outbound', 'internal'])[1 + k],
           case k when 0 then 'customer' else 'agent' end, null, s.id, case k when 0 then 'received' else 'sent' end,
           p.at + k * interval '1 hour'
    from said s join planned p on p.n = s.n order by s.n, k`;
const EVENTS = `
  insert into ticket_events (ticket_id, sequence, type, at, actor_kind, caused_by, data)
    select id, k, (array['ticket.created', 'message.received', 'ticket.triaged', 'ticket.assigned', 'message.sent',
                         'ticket.resolved'])[k], at + k * interval '1 minute', 'system', md5(id || k::text), '{}'
    from planned, generate_series(1, 6) k order by n, k`;
const SEARCHED = `
  insert into ticket_words (ticket_id, part, number, texts, facets, words)
    select t.id, 0, t.number, 3, ticket_facets(t),
           setweight(words_of(t.subject), 'A') || ticket_names(t) || a.words || b.words || setweight(c.words, 'D')
             || case when p.n % $1::integer = 5 then setweight(words_of('The zeppelin.'), 'C') else '' end
    from planned p join tickets t on t.id = p.id
    join said a on a.n = p.n and a.k = 0 join said b on b.n = p.n and b.k = 1 join said c on c.n = p.n and c.k = 2
    order by p.n`;
const KNOWN = `
  insert into known_words
    select word from vocabulary
    union select w from people, unnest(tsvector_to_array(words_of(name || ' ' || email))) w where w !~ '\\d' union select 'zeppelin'`;

/** Puts `count` tickets into the empty desk behind `pool`, those of the last two years, the newest now. */
export async function fill(pool: pg.Pool, count: number): Promise<void> {
  const client = await pool.connect();
  const run = (text: string, ...values: unknown[]) => client.query(text, values);
  try {
    await run('begin');
    await run('set local session_replication_role = replica');
    await run(`set local maintenance_work_mem = '256MB'`);
    await run('select setseed(0.5)');
    await run('drop index ticket_words_by_word');
    await run(SENTENCES, JSON.stringify(WORDS));
    await run(PARSED);
    await run(NAMES, count);
    await run(ORGANISATIONS, count);
    await run(CUSTOMERS, count);
    await run(AGENTS);
    await run(PLANNED, count);
    await run(TICKETS, JSON.stringify(STATE));
    await run(SAID, count / RARE);
    await run('create index on said (n, k); analyze said; analyze planned');
    for (const text of [TEXTS, MESSAGES, EVENTS]) await run(text);
    await run(SEARCHED, count / RARE);
    await run(KNOWN);
    await run(
      'create index ticket_words_by_word on ticket_words using gin (facets, words) with (gin_pending_list_limit = 256)',
    );
    await run(`select setval('ticket_numbers', 1001 + $1::integer)`, count);
    await run('commit');
    await run('vacuum (analyze)');
  } catch (error) {
    client.release(true);
    throw error;
  }
  // Its temporary tables go with it.
  client.release(true);
}

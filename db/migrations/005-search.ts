import { Migration } from '@mikro-orm/migrations';

/**
 * Search over tickets, and the order of what needs somebody next. Everything here follows its tables by triggers and
 * generated columns, so that no writer can forget it; what is deleted or overwritten there is gone here in the same statement.
 */
export class Search extends Migration {
  override up(): void {
    this.addSql(NEXT);
    this.addSql(LANGUAGE);
    this.addSql(WORDS);
    this.addSql(KNOWN_WORDS);
    this.addSql(HEADERS);
    this.addSql(CONVERSATION);
    this.addSql(TRIGGERS);
    this.addSql('select rebuild_ticket_words(id) from tickets');
  }

  override down(): void {
    this.addSql(`
      drop trigger words_of_new_ticket on tickets;
      drop trigger words_of_changed_ticket on tickets;
      drop trigger words_of_changed_customer on customers;
      drop trigger words_of_new_message on messages;
      drop trigger words_of_settled_message on messages;
      drop trigger words_of_deleted_messages on messages;
      drop trigger words_of_changed_texts on texts;
      drop function add_ticket_words, follow_ticket_words, follow_customer_words, add_message_words, drop_message_words,
        change_text_words, rebuild_ticket_words, append_words, weight_of, ticket_names, ticket_facets,
        learn_words, forget_words, near_words;
      drop table ticket_words, known_words;
      drop function words_of;
      drop text search configuration desk;
      drop index messages_by_text, tickets_by_nobody;
      alter table tickets drop column next_rank, drop column waits_since;
    `);
  }
}

/**
 * `next_rank`: null where there is nothing to do, else late before at risk before the rest, and among each the VIPs first;
 * `waits_since`: since when an answer is owed, or else since the ticket was opened.
 */
const NEXT = `
  alter table tickets
    add column next_rank smallint generated always as (
      case when status in ('new', 'triaging', 'open', 'escalated') and not snoozed and merged_into is null then
        case when late then 0 when at_risk then 2 else 4 end
        + case when state ->> 'customerTier' in ('vip', 'enterprise') then 0 else 1 end
      end
    ) stored,
    add column waits_since timestamptz not null generated always as (
      coalesce(
        case when state #>> '{clocks,firstResponse,fulfilledAt}' is null then
          to_timestamp((state #>> '{clocks,firstResponse,startedAt}')::double precision / 1000) end,
        case when state #>> '{clocks,nextResponse,fulfilledAt}' is null then
          to_timestamp((state #>> '{clocks,nextResponse,startedAt}')::double precision / 1000) end,
        created_at
      )
    ) stored;
  create index tickets_next on tickets (next_rank, waits_since, id) where next_rank is not null;
  create index tickets_next_by_assignee on tickets (assignee_id, next_rank, waits_since, id)
    where next_rank is not null and assignee_id is not null;
  create index tickets_next_by_nobody on tickets (next_rank, waits_since, id)
    where next_rank is not null and assignee_id is null;
  create index tickets_next_by_team on tickets (team_id, next_rank, waits_since, id) where next_rank is not null;
  create index tickets_by_nobody on tickets (created_at desc, id desc) where assignee_id is null;
`;

/**
 * Words of every language as they are, without case and accents. A word is letters and digits alone: an address, a
 * reference or a compound is the phrase of its parts, here and in queries alike. What is behind 50,000 characters of one
 * text is not searched.
 */
const LANGUAGE = `
  create extension if not exists unaccent;
  create extension if not exists pg_trgm;
  create extension if not exists fuzzystrmatch;
  create text search configuration desk (copy = simple);
  alter text search configuration desk
    alter mapping for word, asciiword, numword, hword, asciihword, numhword, hword_part, hword_asciipart, hword_numpart
    with unaccent, simple;
  create function words_of(said text) returns tsvector language sql immutable parallel safe
  return to_tsvector('desk'::regconfig, regexp_replace(
    case when said ~ '[\\u0300-\\u036f\\uff00-\\uffef]' then normalize(left(said, 50000), nfkc) else left(said, 50000) end,
    '[^[:alnum:]]+', ' ', 'g'
  ));
`;

/**
 * What is searched: the ticket's subject with weight A, its customer and its references with B, what was said in public
 * with C and notes with D. A long conversation has several parts, so that a message never costs more than its part.
 *
 * \`facets\`: what lists filter by and scopes know, and in which segments of numbers the ticket lies, coarse and fine, so
 * that one index finds the newest tickets with a word, a status and a team without reading all that have the word. The
 * words stay in the row: each that is found is read to be ranked.
 */
const WORDS = `
  create table ticket_words (
    ticket_id uuid not null references tickets (id) on delete cascade,
    part integer not null,
    number integer not null,
    texts integer not null,
    facets text[] not null,
    words tsvector not null,
    primary key (ticket_id, part)
  );
  alter table ticket_words alter column words set storage main;
  create index ticket_words_by_word on ticket_words using gin (facets, words) with (gin_pending_list_limit = 256);
  create index messages_by_text on messages (text_id);
  create function ticket_facets(t tickets) returns text[] language sql stable
  return array_remove(array[
    's:' || t.status, 'p:' || t.priority, 'c:' || t.channel, 'y:' || t.support_type, 't:' || t.team_id,
    'a:' || coalesce(t.assignee_id::text, 'none'), 'r:' || t.requester_id,
    'o:' || (select organisation_id from customers where id = t.requester_id),
    case when t.late then 'l:breached' end, case when t.at_risk then 'l:at_risk' end,
    case when t.next_rank is not null then 'next' end,
    '0:' || (t.number >> 9), '1:' || (t.number >> 11), '2:' || (t.number >> 13), '3:' || (t.number >> 15),
    '4:' || (t.number >> 17), '5:' || (t.number >> 19)
  ], null) || array(select 'g:' || tag from jsonb_array_elements_text(t.tags) tag);
`;

/**
 * The words that a misspelt one may have meant, and that a word that is being typed may become. A word may stand here
 * twice: a writer never waits for another. A word that no ticket has any more is forgotten.
 */
const KNOWN_WORDS = `
  create table known_words (word text collate "C" not null);
  create index known_words_by_beginning on known_words (word);
  create index known_words_by_likeness on known_words using gin (word gin_trgm_ops);
  create function learn_words(said tsvector) returns void language sql
  begin atomic
    insert into known_words (word)
      select w from unnest(tsvector_to_array(said)) w
      where length(w) between 3 and 30 and w !~ '\\d' and not exists (select from known_words k where k.word = w);
  end;
  create function forget_words(said text[]) returns void language plpgsql as $$
  declare
    newest integer := coalesce((select number from tickets order by number desc limit 1), 0) >> 9;
  begin
    -- Common words are still in the newest tickets; only the others are looked for everywhere.
    delete from known_words k where k.word in (
      with gone as materialized (
        select distinct w as word, (quote_literal(w))::tsquery as query from unnest(said) w
        where length(w) between 3 and 30 and w !~ '\\d'
      ), rare as materialized (
        select * from gone where not exists (
          select from ticket_words d where d.words @@ gone.query and d.facets && array['0:' || newest, '0:' || newest - 1]
        )
      )
      select word from rare where not exists (select from ticket_words d where d.words @@ rare.query)
    );
  end $$;
  create function near_words(given text, most integer) returns text[] language sql stable
    set pg_trgm.similarity_threshold = 0.2
  begin atomic
    select coalesce(array_agg(word), '{}') from (
      select distinct word collate "C" as word, levenshtein(word, given) as distance, similarity(word, given) as likeness
      from known_words
      where word % given and word <> given and abs(length(word) - length(given)) <= 2
        and levenshtein_less_equal(word, given, 2) <= case when length(given) > 5 then 2 else 1 end
           + case when length(word) = length(given) and levenshtein_less_equal(word, given, 2) = 2
                    and array(select c from regexp_split_to_table(word, '') c order by c)
                      = array(select c from regexp_split_to_table(given, '') c order by c) then 1 else 0 end
      order by distance, likeness desc limit most
    ) near;
  end;
`;

/** What a ticket is known by, whatever was said: its customer's name and address, its reference and its conversation's. */
const HEADERS = `
  create function ticket_names(t tickets) returns tsvector language sql stable
  return setweight(words_of(
    (select coalesce(name, '') || ' ' || email from customers where id = t.requester_id)
    || ' T-' || t.number || ' ' || coalesce(t.state ->> 'conversationId', '')
  ), 'B');
  create function add_ticket_words() returns trigger language plpgsql as $$
  declare
    said tsvector;
  begin
    -- A name that is being changed is waited for: it would otherwise stay here as it was.
    perform from customers where id = new.requester_id for share;
    said := setweight(words_of(new.subject), 'A') || ticket_names(new);
    insert into ticket_words (ticket_id, part, number, texts, facets, words)
      values (new.id, 0, new.number, 0, ticket_facets(new), said);
    perform learn_words(said);
    return null;
  end $$;
  create function follow_ticket_words() returns trigger language plpgsql as $$
  begin
    update ticket_words set facets = ticket_facets(new) where ticket_id = new.id;
    if new.subject <> old.subject then
      update ticket_words set words = ts_filter(words, '{b,c,d}') || setweight(words_of(new.subject), 'A')
      where ticket_id = new.id;
      perform learn_words(words_of(new.subject));
      perform forget_words(tsvector_to_array(words_of(old.subject)));
    end if;
    return null;
  end $$;
  create function follow_customer_words() returns trigger language plpgsql as $$
  begin
    update ticket_words d set facets = ticket_facets(t), words = ts_filter(d.words, '{a,c,d}') || ticket_names(t)
    from tickets t where t.id = d.ticket_id and t.requester_id = new.id;
    perform learn_words(words_of(coalesce(new.name, '') || ' ' || new.email))
    from tickets where requester_id = new.id limit 1;
    perform forget_words(tsvector_to_array(words_of(coalesce(old.name, '') || ' ' || old.email)));
    return null;
  end $$;
`;

/** What was said. A reply is searched once it was sent, or for the desk alone once it failed; one taken back is not. */
const CONVERSATION = `
  create function append_words(ticket uuid, said tsvector) returns void language plpgsql as $$
  declare
    newest record;
  begin
    select part, texts, length(words) as size into newest
    from ticket_words where ticket_id = ticket order by part desc limit 1;
    if newest.texts >= 50 or newest.size >= 1000 then
      insert into ticket_words (ticket_id, part, number, texts, facets, words)
        select ticket_id, newest.part + 1, number, 1, facets, ts_filter(words, '{a,b}') || said
        from ticket_words where ticket_id = ticket and part = 0;
    else
      update ticket_words set words = words || said, texts = texts + 1 where ticket_id = ticket and part = newest.part;
    end if;
    perform learn_words(said);
  end $$;
  create function weight_of(m messages) returns "char" language sql immutable
  return (case when m.direction = 'internal' or m.state = 'failed' then 'D' else 'C' end)::"char";
  create function add_message_words() returns trigger language plpgsql as $$
  begin
    perform append_words(new.ticket_id, setweight(words_of(t.body), weight_of(new))) from texts t where t.id = new.text_id;
    return null;
  end $$;
  create function rebuild_ticket_words(ticket uuid) returns void language plpgsql as $$
  declare
    said tsvector;
  begin
    -- A message that is being recorded is waited for, and the next one waits.
    perform from tickets where id = ticket for no key update;
    delete from ticket_words where ticket_id = ticket;
    insert into ticket_words (ticket_id, part, number, texts, facets, words)
      select t.id, 0, t.number, 0, ticket_facets(t), setweight(words_of(t.subject), 'A') || ticket_names(t)
      from tickets t where t.id = ticket
      returning words into said;
    perform learn_words(said);
    perform append_words(ticket, setweight(words_of(t.body), weight_of(m)))
    from (
      select * from messages
      where ticket_id = ticket and (direction = 'inbound' or state in ('sent', 'failed')) order by created_at, id
    ) m join texts t on t.id = m.text_id;
  end $$;
  create function drop_message_words() returns trigger language plpgsql as $$
  begin
    perform rebuild_ticket_words(ticket_id) from (select distinct ticket_id from before order by ticket_id) gone;
    perform forget_words(array(
      select distinct unnest(tsvector_to_array(words_of(t.body))) from before b join texts t on t.id = b.text_id
    ));
    return null;
  end $$;
  create function change_text_words() returns trigger language plpgsql as $$
  begin
    perform rebuild_ticket_words(ticket_id) from (
      select distinct m.ticket_id
      from before b join after a on a.id = b.id and a.body <> b.body join messages m on m.text_id = a.id
      order by ticket_id
    ) changed;
    perform forget_words(array(
      select distinct unnest(tsvector_to_array(words_of(body))) from before
      where exists (select from messages m where m.text_id = before.id)
    ));
    return null;
  end $$;
`;

const TRIGGERS = `
  create trigger words_of_new_ticket after insert on tickets for each row execute function add_ticket_words();
  create trigger words_of_changed_ticket after update on tickets for each row
    when ((old.status, old.priority, old.support_type, old.team_id, old.assignee_id, old.late, old.at_risk, old.tags, old.subject,
           old.next_rank is null)
      is distinct from
      (new.status, new.priority, new.support_type, new.team_id, new.assignee_id, new.late, new.at_risk, new.tags, new.subject,
           new.next_rank is null))
    execute function follow_ticket_words();
  create trigger words_of_changed_customer after update on customers for each row
    when ((old.name, old.email, old.organisation_id) is distinct from (new.name, new.email, new.organisation_id))
    execute function follow_customer_words();
  create trigger words_of_new_message after insert on messages for each row
    when (new.direction = 'inbound' or new.state in ('sent', 'failed')) execute function add_message_words();
  create trigger words_of_settled_message after update on messages for each row
    when (old.state <> new.state and new.state in ('sent', 'failed')) execute function add_message_words();
  create trigger words_of_deleted_messages after delete on messages referencing old table as before
    for each statement execute function drop_message_words();
  create trigger words_of_changed_texts after update on texts referencing old table as before new table as after
    for each statement execute function change_text_words();
`;

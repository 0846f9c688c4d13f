import { describe, expect, test } from 'vitest';
import { decide } from '../../../domain/decide.ts';
import { blankTicket } from '../../../domain/ticket.ts';
import { HOUR, MINUTE } from '../minute-oracle.ts';
import { answered, arrival, change, opened, owed, POLICY, REFUNDS, reply } from '../tickets.ts';
import { SENT, settled, started, status, T0, taken, triaged, types } from '../tickets.ts';

describe('a first message', () => {
  test('creates the ticket, begins triage, asks for a draft and sets the deadlines', () => {
    const outcome = taken(blankTicket('t', 1001), arrival('m1', T0), T0 + 500);
    expect(types(outcome)).toEqual(['ticket.created', 'message.received', 'sla.activated']);
    expect(outcome.ticket.status).toBe('triaging');
    expect(owed(outcome.ticket)).toEqual(['triage', 'draft']);
    expect(outcome.ticket.clocks).toMatchObject({
      firstResponse: { dueAt: T0 + POLICY.targets.firstResponse.normal },
      nextResponse: null,
      resolution: { dueAt: T0 + POLICY.targets.resolution.normal },
    });
  });

  test('sets the clock from when it was written, not from when it arrived', () => {
    const late = taken(blankTicket('t', 1001), arrival('m1', T0), T0 + 10 * MINUTE);
    expect(late.ticket.clocks.firstResponse?.dueAt).toBe(T0 + POLICY.targets.firstResponse.normal);
  });

  test('written in the future, as a vendor’s fast clock says, counts from its arrival', () => {
    const early = taken(blankTicket('t', 1001), arrival('m1', T0 + 5 * MINUTE), T0);
    expect(early.ticket.clocks.firstResponse?.startedAt).toBe(T0);
  });

  test('is the only thing that a blank ticket takes', () => {
    const decision = decide(blankTicket('t', 1001), { type: 'warn', id: 'w', target: 'firstResponse' }, T0);
    expect(decision).toMatchObject({ refused: 'not_found' });
  });

  test('of a type gives the ticket to its team, and asks for no draft where the type leaves the AI out', () => {
    const ticket = started(T0, { supportType: { ...REFUNDS, autonomy: 'off' } });
    expect(ticket.teamId).toBe('billing');
    expect(owed(ticket)).toEqual(['triage']);
  });
});

describe('a later message', () => {
  test('makes the ticket wait for an answer again, from when it was written', () => {
    const ticket = answered(opened(T0), T0 + HOUR);
    const asked = taken(ticket, arrival('m2', T0 + 2 * HOUR), T0 + 3 * HOUR);
    expect(types(asked)).toEqual(['message.received', 'ticket.opened', 'sla.resumed', 'sla.activated']);
    expect(asked.ticket.clocks.nextResponse?.dueAt).toBe(T0 + 2 * HOUR + POLICY.targets.nextResponse.normal);
  });

  test('to a ticket that owes an answer already leaves the deadline where it is', () => {
    const waiting = taken(answered(opened(T0), T0 + HOUR), arrival('m2', T0 + 2 * HOUR), T0 + 2 * HOUR).ticket;
    const again = taken(waiting, arrival('m3', T0 + 3 * HOUR), T0 + 3 * HOUR).ticket;
    expect(again.clocks.nextResponse).toEqual(waiting.clocks.nextResponse);
  });

  test('does not wipe out that the answer to an earlier one is late', () => {
    const waiting = taken(answered(opened(T0), T0 + HOUR), arrival('m2', T0 + 2 * HOUR), T0 + 2 * HOUR).ticket;
    const late = taken(waiting, { type: 'breach', id: 'b', target: 'nextResponse' }, T0 + 20 * HOUR).ticket;
    const again = taken(late, arrival('m3', T0 + 21 * HOUR), T0 + 21 * HOUR).ticket;
    expect(again.clocks.nextResponse).toEqual(late.clocks.nextResponse);
    expect(again.escalation).toEqual(late.escalation);
  });

  test('that came while the answer to an earlier one was on its way is still owed one', () => {
    const replied = taken(opened(T0), reply('r1'), T0 + HOUR).ticket;
    const crossed = taken(replied, arrival('m2', T0 + HOUR), T0 + HOUR).ticket;
    const sent = settled(crossed, 'send', SENT, T0 + 2 * HOUR);
    expect(sent.ticket.status).toBe('open');
    expect(sent.ticket.clocks.nextResponse?.dueAt).toBe(T0 + 2 * HOUR + POLICY.targets.nextResponse.normal);
  });

  test('takes a ticket off hold', () => {
    const held = taken(opened(T0), status('on_hold'), T0 + HOUR).ticket;
    expect(taken(held, arrival('m2', T0 + 2 * HOUR), T0 + 2 * HOUR).ticket.status).toBe('open');
  });

  test('to a closed ticket is refused, so that a follow-up is begun with it', () => {
    const closed = taken(opened(T0), status('closed'), T0 + HOUR).ticket;
    expect(decide(closed, arrival('m2', T0 + 2 * HOUR), T0 + 2 * HOUR)).toMatchObject({ refused: 'ticket_closed' });
  });
});

describe('triage', () => {
  test('opens the ticket and moves the deadlines to the priority it found', () => {
    const outcome = settled(started(T0), 'triage', triaged('urgent'), T0 + 1000);
    expect(types(outcome)).toEqual(['ticket.triaged', 'sla.policyApplied', 'ticket.opened']);
    expect(outcome.ticket).toMatchObject({ status: 'open', priority: 'urgent', severity: 'sev3' });
    expect(outcome.ticket.clocks.firstResponse?.dueAt).toBe(T0 + POLICY.targets.firstResponse.urgent);
  });

  test('leaves a priority alone that a person chose', () => {
    const ticket = started(T0, { priority: 'low' });
    expect(settled(ticket, 'triage', triaged('urgent'), T0 + 1000).ticket.priority).toBe('low');
  });

  test('leads to a type where nobody chose one, and lets a draft go that the type does not want', () => {
    const { ticket } = settled(started(T0), 'triage', triaged('normal', { ...REFUNDS, autonomy: 'off' }), T0 + 1000);
    expect(ticket).toMatchObject({ supportType: { id: 'refunds' }, teamId: 'billing' });
    expect(owed(ticket)).toEqual([]);
    const chosen = started(T0, { supportType: { ...REFUNDS, id: 'legal' } });
    expect(settled(chosen, 'triage', triaged('normal', REFUNDS), T0 + 1000).ticket.supportType?.id).toBe('legal');
  });

  test('that was asked for before somebody changed the ticket looks the settings up again', () => {
    const ticket = started(T0);
    const answer = triaged('normal')({ id: 'answer:triage:m1', effectId: 'triage:m1' }, ticket);
    const changed = taken(ticket, change({ tags: ['vip'] }), T0 + 500).ticket;
    const outcome = taken(changed, answer, T0 + 1000);
    expect(types(outcome)).not.toContain('sla.policyApplied');
    expect(owed(outcome.ticket)).toContain('settings');
  });

  test('that comes a second time is refused', () => {
    const again = triaged('low')({ id: 'another', effectId: 'triage:m1' }, opened(T0));
    expect(decide(opened(T0), again, T0 + 2000)).toMatchObject({ refused: 'not_found' });
  });
});

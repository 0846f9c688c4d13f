/** Two tickets that become one, with a customer who goes on writing in both conversations. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, eventually, startDesk } from '../support/desk.ts';
import { isOpen, type Reading, reading } from './reading.ts';

let desk: Desk;
let eyes: Reading;
beforeAll(async () => {
  desk = await startDesk();
  eyes = reading(desk);
});
afterAll(() => desk.stop());

const merge = (id: string, into: string) => desk.ask('POST', `/api/v1/tickets/${id}/merge`, { into });

/** The bodies of what customers wrote in the ticket, once there are `count`. */
function written(ticketId: string, count: number): Promise<string[]> {
  return eventually(async () => {
    const inbound = (await eyes.messages(ticketId)).filter(({ direction }) => direction === 'inbound');
    return inbound.length >= count && inbound.map(({ body }) => body);
  });
}

describe('a late reply in the conversation of a merged ticket', () => {
  test('reaches the ticket that it went into, through a chain of merges too, and not once the merge is undone', async () => {
    const one = await eyes.newTicket('cnv_one', 'First question', isOpen);
    const two = await eyes.newTicket('cnv_two', 'Second question', isOpen);
    const three = await eyes.newTicket('cnv_three', 'Third question', isOpen);
    await merge(one.id, two.reference);
    await eyes.write('cnv_one', 'Late for two');
    expect(await written(two.id, 2)).toEqual(['Second question', 'Late for two']);
    await merge(two.id, three.reference);
    await eyes.write('cnv_one', 'Late for three');
    expect(await written(three.id, 2)).toEqual(['Third question', 'Late for three']);

    await desk.ask('POST', `/api/v1/tickets/${one.id}/unmerge`);
    await eyes.write('cnv_one', 'Mine again');
    expect(await written(one.id, 2)).toEqual(['First question', 'Mine again']);
    const { rows } = await desk.pool.query<{ count: number }>('select count(*)::integer from tickets');
    expect(rows).toEqual([{ count: 3 }]);
  });

  test('is kept once, in one of the two, when it meets the merge', async () => {
    const [from, into] = [
      await eyes.newTicket('cnv_from', 'Here', isOpen),
      await eyes.newTicket('cnv_into', 'There', isOpen),
    ];
    await Promise.all([merge(from.id, into.reference), eyes.write('cnv_from', 'In between')]);
    const places = await eventually(async () => {
      const all = [...(await eyes.messages(from.id)), ...(await eyes.messages(into.id))];
      const found = all.filter(({ body }) => body === 'In between');
      return found.length > 0 && found;
    });
    expect(places).toHaveLength(1);
    expect((await eyes.ticket(from.id)).status).toBe('closed');
  });
});

/** The page of the ticket's workflow says what the table in the code says. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { STATUSES, TRANSITIONS } from '../../domain/status.ts';
import { absorb, applySettings, catchUp, customerMessage, openTicket } from '../../workflows/ticket-messages.ts';

const page = await readFile(new URL('../../docs/processes/ticket.md', import.meta.url), 'utf8');

/** The rows of the table under the heading, each as its cells without the outer bars. */
function rowsUnder(heading: string): string[][] {
  const section = page.split('\n## ').find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

function named(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([a-z_]+)`/g)].map(([, name]) => name ?? '');
}

test('the table of statuses is the one that the code goes by', () => {
  const written = rowsUnder('Statuses').map(([from, steps]) => [named(from)[0], named(steps)]);
  expect(written).toEqual(STATUSES.map((status) => [status, [...TRANSITIONS[status]]]));
});

test('the messages that are told one by one are those that there are beside the commands of people', () => {
  const names = rowsUnder('Messages').flatMap(([name]) => (name?.match(/^`(\w+)`$/) ?? []).slice(1));
  const defined = [customerMessage, catchUp, applySettings, absorb, openTicket].map(({ name }) => name);
  expect(names).toEqual(defined);
});

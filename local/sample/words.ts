/** What the sample's agents write: to customers, to each other, and for the record. */

/** Closing lines of a letter, by ISO 639-1 code; `{name}` is the writer's. */
export const SIGN_OFFS: ReadonlyMap<string, readonly string[]> = new Map([
  ['en', ['Thanks,\n{name}', 'Kind regards\n{name}', 'Best,\n{name}', '{name}']],
  ['de', ['Mit freundlichen Grüßen\n{name}', 'Viele Grüße\n{name}']],
  ['fr', ['Cordialement\n{name}', 'Bien à vous\n{name}']],
  ['es', ['Un saludo,\n{name}', 'Saludos cordiales,\n{name}']],
]);

/** Greetings before an answer, by ISO 639-1 code. */
export const GREETINGS: ReadonlyMap<string, string> = new Map([
  ['en', 'Hello {name},'],
  ['de', 'Guten Tag {name},'],
  ['fr', 'Bonjour {name},'],
  ['es', 'Hola {name}:'],
]);

/** What a customer adds in a conversation that goes on. */
export const AFTERTHOUGHTS: readonly string[] = [
  'It happened again this morning, so it is not settled after all.',
  'One more thing: my colleague has the same. Shall she write as well?',
  'Thank you, that was quick. The second half of my question is still open, though.',
  'I have found the number that you asked for, it is on the back of the delivery note.',
];

export const ESCALATION_REASONS: readonly string[] = [
  'Third contact, and the customer is about to leave.',
  'More customers report the same since an hour ago.',
  'Needs a decision that a lead has to take.',
];

/** What a team notes, waits for, and puts on its tickets beside the tags of the type. */
interface Habits {
  notes: readonly string[];
  waitsFor: readonly string[];
  tags: readonly string[];
}

const OF_EVERY_TEAM: Habits = {
  notes: ['Customer prefers a call. Not before ten.', 'Promised an update by tomorrow noon.'],
  waitsFor: ['Waiting for the product team, who look at it on Thursday.'],
  tags: ['repeat-contact', 'renewal'],
};

const HABITS: ReadonlyMap<string, Habits> = new Map([
  [
    'billing',
    {
      notes: ['Finance confirmed the credit, waiting for the booking.', 'Renewal is due in January, be generous.'],
      waitsFor: ['Waiting for the bank’s answer.', 'Waiting for finance to book the credit.'],
      tags: ['quarter-end', 'sepa', 'renewal'],
    },
  ],
  [
    'fulfilment',
    {
      notes: ['Rang the depot, they look for it until four.', 'Same driver as last week’s case in that street.'],
      waitsFor: ['Waiting for the carrier’s search, up to five working days.', 'Waiting for the supplier’s new date.'],
      tags: ['gift', 'eu-customs', 'bulky', 'first-order'],
    },
  ],
  [
    'technical',
    {
      notes: ['Can be seen on the staging system too.', 'Logs are clean on our side, asked for the time of day.'],
      waitsFor: ['Waiting for the release on Thursday.', 'Waiting for the customer’s own administrator.'],
      tags: ['mobile', 'since-update', 'candidate-for-article'],
    },
  ],
  [
    'security',
    {
      notes: [
        'Account is nine years old, the owner is known to us.',
        'Identity proven by post, papers are in the safe.',
      ],
      waitsFor: ['Waiting for the proof of identity.', 'Waiting for our lawyer’s word on what must be kept.'],
      tags: ['identity-open', 'two-factor', 'new-device'],
    },
  ],
]);

/** The habits of a team, or those that every team has. */
export function habitsOf(team: string): Habits {
  return HABITS.get(team) ?? OF_EVERY_TEAM;
}

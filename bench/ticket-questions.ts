/** What lists of tickets are asked at scale: each order, each filter, and searches of every kind. */

/** What a question is made of, drawn from the tickets that are there. */
export interface Sample {
  number: number;
  agent: string;
  email: string;
  customer: string;
  name: string;
  /** Some words of the subject. */
  phrase: string;
  /** A cursor half-way down the list of all. */
  halfWay: string;
}

/** What is asked, as a query string. */
export const QUESTIONS: Readonly<Record<string, (sample: Sample, round: number) => string>> = {
  'all, newest first': () => '',
  'all, half-way down': ({ halfWay }) => `cursor=${halfWay}`,
  'status=open': () => 'status=open',
  'status=closed': () => 'status=closed',
  'priority=urgent': () => 'priority=urgent',
  'assignee=me': () => 'assignee=me',
  'assignee=none': () => 'assignee=none',
  'assignee={id}': ({ agent }) => `assignee=${agent}`,
  'team={id}': (_sample, round) => `team=team-${round}`,
  'supportType={id}': (_sample, round) => `supportType=type-${round}`,
  'channel=api': () => 'channel=api',
  'tag={tag}': (_sample, round) => `tag=tag-${round}`,
  'customer={id}': ({ customer }) => `customer=${customer}`,
  'customer={address}': ({ email }) => `customer=${encodeURIComponent(email)}`,
  'sla=breached': () => 'sla=breached',
  'sla=at_risk': () => 'sla=at_risk',
  'status, team and tag': (_sample, round) => `status=closed&team=team-${round}&tag=area-${round}`,
  'sort=next': () => 'sort=next',
  'sort=next, mine': () => 'sort=next&assignee=me',
  'sort=next, nobody’s': () => 'sort=next&assignee=none',
  'sort=next, a team’s': (_sample, round) => `sort=next&team=team-${round}`,
  'search: a word of nearly every ticket': () => 'q=order',
  'search: a word of a third': () => 'q=invoice',
  'search: a word of a few': () => 'q=warranty',
  'search: a rare word': () => 'q=zeppelin',
  'search: a misspelt word': () => 'q=warrnaty',
  'search: a word that is being typed': () => 'q=guaran',
  'search: a word that nobody wrote': () => 'q=xylophonist',
  'search: a name': ({ name }) => `q=${encodeURIComponent(name)}`,
  'search: an address': ({ email }) => `q=${encodeURIComponent(email)}`,
  'search: a reference': ({ number }) => `q=T-${number}`,
  'search: a phrase': ({ phrase }) => `q=${encodeURIComponent(`"${phrase}"`)}`,
  'search: two words, open, urgent': () => 'q=invoice+warranty&status=open&priority=urgent',
};

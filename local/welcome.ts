/** What the terminal shows once the desk is ready: where it is, how to sign in, how to send it a first message. */
import type { Desk } from './desk.ts';

/** Puts it in words; `logs` is the folder with each part's log. */
export function welcome(desk: Desk, total: string, logs: string): string {
  const width = Math.max(...desk.logins.map(({ email }) => email.length));
  const logins = desk.logins.map(
    ({ role, email, password }) => `  ${role.padEnd(7)} ${email.padEnd(width)}  ${password}`,
  );
  const simulators = Object.entries(desk.simulators).map(
    ([vendor, url]) => `  ${vendor.padEnd(12)}${url}  (simulated)`,
  );
  return [
    `The desk is ready after ${total}.`,
    '',
    `  API         ${desk.api}/api/v1/docs`,
    `  Temporal    ${desk.temporalUi}`,
    ...simulators,
    `  logs        ${logs}`,
    '',
    'Sign in as one of',
    ...logins,
    '',
    ...firstMessage(desk),
    '',
    'Ctrl-C stops everything.',
  ].join('\n');
}

function firstMessage({ api, apiKey, simulators }: Desk): string[] {
  const json = "-H 'content-type: application/json'";
  const text = '"subject": "Where is my order?", "body": "It was due on Monday."';
  const front = simulators['front'];
  if (front !== undefined) {
    const body = `{${text}, "from": {"email": "kim@example.com", "name": "Kim"}}`;
    return ['Write to the desk as a customer:', `  curl ${front}/_sim/events ${json} -d '${body}'`];
  }
  const body = `{${text}, "requester": {"email": "kim@example.com", "name": "Kim"}}`;
  const key = `-H 'authorization: Bearer ${apiKey}'`;
  return ['Make a first ticket:', `  curl ${api}/api/v1/tickets ${key} ${json} -d '${body}'`];
}

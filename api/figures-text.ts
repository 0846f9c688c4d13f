/** The figures as Prometheus' text: the name and the one sentence of each, and its labels. */
import type { Figures } from '../db/gauges.ts';
import { type Sample, samplesText } from '../integrations/prometheus.ts';
import type { Load } from './load.ts';

/** What the process has taken on. */
export function loadText({ requests, bodyBytes, shed }: Pick<Load, 'requests' | 'bodyBytes' | 'shed'>): string {
  return [
    one('holdfast_http_requests_in_flight', 'Requests that are being answered.', requests),
    one('holdfast_http_body_bytes', 'Bytes of their bodies that are held.', bodyBytes),
    samplesText('counter', 'holdfast_http_requests_shed_total', 'Requests refused because the process was full.', [
      { value: shed },
    ]),
  ].join('');
}

/** The desk as a whole. */
export function figuresText({
  backlog,
  tickets,
  waiting,
  dueSoon,
  breached,
  unnoticed,
  agents,
  refusals,
}: Figures): string {
  return [
    one(
      'holdfast_ledger_rows',
      'Rows of the ledger that wait for their hand-over.',
      backlog.reduce((all, { rows }) => all + rows, 0),
    ),
    one(
      'holdfast_ledger_oldest_seconds',
      'How long the first row of the ledger has waited.',
      Math.max(0, ...backlog.map(({ oldestSeconds }) => oldestSeconds)),
    ),
    gauge(
      'holdfast_ledger_source_rows',
      'Rows of the ledger that wait, by source.',
      backlog.map(({ source, rows }) => bySource(source, rows)),
    ),
    gauge(
      'holdfast_ledger_source_oldest_seconds',
      'How long the first row of a source has waited.',
      backlog.map(({ source, oldestSeconds }) => bySource(source, oldestSeconds)),
    ),
    gauge(
      'holdfast_tickets',
      'Tickets that are not closed, by status.',
      tickets.map(({ status, tickets: value }) => ({ labels: { status }, value })),
    ),
    one('holdfast_tickets_waiting', 'Tickets that wait to be assigned.', waiting),
    one('holdfast_sla_due_soon', 'Tickets with a deadline within an hour.', dueSoon),
    one('holdfast_sla_breached', 'Tickets with something owed whose deadline has passed.', breached),
    one('holdfast_sla_unnoticed', 'Tickets with a deadline that passed and was not said to be breached.', unnoticed),
    gauge(
      'holdfast_agents',
      'Agents by availability.',
      agents.map(({ availability, agents: value }) => byAvailability(availability, value)),
    ),
    gauge(
      'holdfast_agents_load',
      'Tickets that agents have, by availability.',
      agents.map(({ availability, load }) => byAvailability(availability, load)),
    ),
    gauge(
      'holdfast_agents_capacity',
      'Tickets that agents can have, by availability.',
      agents.map(({ availability, capacity }) => byAvailability(availability, capacity)),
    ),
    samplesText(
      'counter',
      'holdfast_webhook_refusals_total',
      'Webhooks refused for their signature, by source and reason.',
      refusals.map(({ source, reason, refusals: value }) => ({ labels: { source, reason }, value })),
    ),
  ].join('');
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return samplesText('gauge', name, help, samples);
}

function one(name: string, help: string, value: number): string {
  return gauge(name, help, [{ value }]);
}

function bySource(source: string, value: number): Sample {
  return { labels: { source }, value };
}

function byAvailability(availability: string, value: number): Sample {
  return { labels: { availability }, value };
}

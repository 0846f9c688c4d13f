/**
 * "Why this deadline?": the spans of one clock with the reason for each, told from its append-only log alone. It reads the
 * log as `clock.ts` acted on it, so both name the same deadline: once breached, a clock heeds neither pause nor policy.
 *
 * Does not promise earlier rounds: of a target that was set several times, as the next response is, the latest is told.
 */
import { addWorkingTime, workingSegments, type Segment } from './business-hours.ts';
import type { SlaPolicy } from './sla-policy.ts';
import type { Priority } from './ticket.ts';

/** One line of a clock's log; `policyId`, `priority` and `target` are those in force after it. */
export interface Metric {
  /** Milliseconds since 1970. */
  at: number;
  type: 'activate' | 'pause' | 'resume' | 'fulfil' | 'breach' | 'applyPolicy' | 'cancel';
  policyId: string;
  policyVersion: number;
  priority: Priority;
  /** Milliseconds of counted time allowed. */
  target: number;
  /** Such as the status that paused the clock. */
  reason: string | null;
}

interface ExplainedSegment {
  from: number;
  to: number;
  counted: boolean;
  why: Segment['why'] | 'paused';
  /** Why it was paused, where that was noted. */
  reason: string | null;
  policy: { id: string; version: number; name: string };
  priority: Priority;
  target: number;
}

export interface Explanation {
  /** Contiguous and in order, from the beginning to the end or to the instant asked for. */
  segments: ExplainedSegment[];
  /** Milliseconds that counted. */
  counted: number;
  /** null while paused, once cancelled, and when the calendar never has that much time. */
  dueAt: number | null;
}

type PolicyOf = (policyId: string, version: number) => SlaPolicy | undefined;

/** What has been told so far. */
interface Story extends Explanation {
  until: number;
  inForce: Metric;
  policy: SlaPolicy;
  paused: { reason: string | null } | null;
  breached: boolean;
  over: boolean;
}

/**
 * The segments, the counted time and the deadline of one target at `until`, from its `log` in order; empty when it was not
 * set by then. Throws when `policyOf` does not know a policy that the log names.
 */
export function explain(log: readonly Metric[], policyOf: PolicyOf, until: number): Explanation {
  const past = log.filter((metric) => metric.at <= until);
  const beginning = past.findLastIndex((metric) => metric.type === 'activate');
  const [first, ...rest] = beginning === -1 ? [] : past.slice(beginning);
  if (first === undefined) return { segments: [], counted: 0, dueAt: null };
  const story = begin(first, policyOf);
  for (const metric of rest) tell(story, metric, policyOf);
  stretch(story, until);
  return { segments: story.segments, counted: story.counted, dueAt: story.dueAt };
}

function begin(metric: Metric, policyOf: PolicyOf): Story {
  const story: Story = {
    segments: [],
    counted: 0,
    dueAt: null,
    until: metric.at,
    inForce: metric,
    policy: policyNamed(metric, policyOf),
    paused: null,
    breached: false,
    over: false,
  };
  goOn(story, {});
  return story;
}

function tell(story: Story, metric: Metric, policyOf: PolicyOf): void {
  stretch(story, metric.at);
  if (story.over) return;
  switch (metric.type) {
    case 'fulfil':
      story.over = true;
      return;
    case 'cancel':
      story.over = true;
      if (!story.breached) story.dueAt = null;
      return;
    case 'breach':
      story.breached = true;
      return;
    case 'pause':
      if (!story.breached) goOn(story, { paused: { reason: metric.reason } });
      return;
    case 'resume':
      if (story.paused !== null) goOn(story, { paused: null });
      return;
    case 'applyPolicy':
      if (!story.breached) goOn(story, { inForce: metric, policy: policyNamed(metric, policyOf) });
      return;
    case 'activate':
      return;
  }
}

function goOn(story: Story, change: Partial<Pick<Story, 'paused' | 'inForce' | 'policy'>>): void {
  Object.assign(story, change);
  story.dueAt = deadline(story);
}

/** The deadline when counting goes on from here. */
function deadline(story: Story): number | null {
  if (story.paused !== null) return null;
  return addWorkingTime(story.policy.calendar, story.until, story.inForce.target - story.counted);
}

/** Tells the time up to `to`, in the state that the clock has been in. */
function stretch(story: Story, to: number): void {
  if (story.over || to <= story.until) return;
  const { inForce, policy, paused } = story;
  const under = {
    policy: { id: policy.id, version: policy.version, name: policy.name },
    priority: inForce.priority,
    target: inForce.target,
  };
  if (paused !== null) {
    append(story, { from: story.until, to, counted: false, why: 'paused', reason: paused.reason, ...under });
  } else {
    for (const segment of workingSegments(policy.calendar, story.until, to)) {
      append(story, { ...segment, reason: null, ...under });
      if (segment.counted) story.counted += segment.to - segment.from;
    }
  }
  story.until = to;
}

function append(story: Story, segment: ExplainedSegment): void {
  const last = story.segments.at(-1);
  if (last !== undefined && isAlike(last, segment)) last.to = segment.to;
  else story.segments.push(segment);
}

function isAlike(a: ExplainedSegment, b: ExplainedSegment): boolean {
  return (
    a.why === b.why &&
    a.reason === b.reason &&
    a.policy.id === b.policy.id &&
    a.policy.version === b.policy.version &&
    a.priority === b.priority &&
    a.target === b.target
  );
}

function policyNamed(metric: Metric, policyOf: PolicyOf): SlaPolicy {
  const policy = policyOf(metric.policyId, metric.policyVersion);
  if (policy !== undefined) return policy;
  throw new Error(
    `Policy "${metric.policyId}" is not known in version ${metric.policyVersion}, which the clock's log names; ` +
      'keep every version of a policy that a clock has run under.',
  );
}

/**
 * Who may do what: role → permissions, the one table. A route names the permission it needs; what is not granted here is
 * refused. Does not promise row scope (which tickets a principal sees): scope.ts says it, and the query applies it.
 */
export const PERMISSIONS = [
  /** Tickets and what was said in public, as far as the principal's scope goes. */
  'tickets:read',
  /** What only the desk sees of a ticket: notes, drafts, timeline, clocks, workflow. */
  'tickets:inspect',
  'tickets:create',
  'tickets:reply',
  'tickets:status',
  'tickets:assign',
  'tickets:update',
  'tickets:merge',
  'tickets:escalation',
  'tickets:whatIf',
  'drafts:decide',
  'customers:read',
  'customers:write',
  /** A customer's data as a whole: given out, or erased. */
  'customers:privacy',
  'agents:read',
  'agents:availability',
  'workload:read',
  'reports:read',
  'ai:read',
  'live:follow',
  'inbox:read',
  'inbox:replay',
  'settings:read',
  'settings:write',
  'users:manage',
  'keys:manage',
  'audit:read',
  'metrics:read',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const agent = [
  'tickets:read',
  'tickets:inspect',
  'tickets:create',
  'tickets:reply',
  'tickets:status',
  'tickets:assign',
  'tickets:update',
  'tickets:merge',
  'tickets:escalation',
  'drafts:decide',
  'customers:read',
  'customers:write',
  'agents:read',
  'agents:availability',
  'ai:read',
  'live:follow',
  'settings:read',
] as const satisfies readonly Permission[];

const TABLE = {
  admin: PERMISSIONS,
  lead: [
    ...agent,
    'tickets:whatIf',
    'workload:read',
    'reports:read',
    'inbox:read',
    'inbox:replay',
    'settings:write',
    'audit:read',
    'metrics:read',
  ],
  agent,
  bot: agent,
  customer: ['tickets:read', 'tickets:create'],
  integration: [
    'tickets:read',
    'tickets:inspect',
    'tickets:create',
    'customers:read',
    'customers:write',
    'agents:read',
    'settings:read',
    'metrics:read',
  ],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof TABLE;
export const ROLES = ['admin', 'lead', 'agent', 'bot', 'customer', 'integration'] as const satisfies readonly Role[];

/** Somebody, as far as permissions go: a role, and of an API key the permissions it was cut down to (null: all of the role's). */
export interface Grantee {
  role: Role;
  permissions: readonly Permission[] | null;
}

/** Whether `grantee` may do what `permission` names. */
export function may({ role, permissions }: Grantee, permission: Permission): boolean {
  return grantedTo(role).includes(permission) && (permissions === null || permissions.includes(permission));
}

/** Everything that `role` grants. */
export function grantedTo(role: Role): readonly Permission[] {
  return TABLE[role];
}

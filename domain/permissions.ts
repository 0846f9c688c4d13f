/**
 * Who may do what: role → permissions, the one table. A route names the permission it needs; what is not granted here is
 * refused. Does not promise row scope (which tickets a principal sees); that is applied in the query.
 */
export const PERMISSIONS = [
  'tickets:read',
  'tickets:create',
  'tickets:reply',
  'tickets:status',
  'tickets:assign',
  'tickets:update',
  'tickets:merge',
  'tickets:escalation',
  'drafts:decide',
  'inbox:read',
  'settings:read',
  'settings:write',
  'agents:read',
  'agents:availability',
  'workload:read',
  'tickets:whatIf',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const agent = [
  'tickets:read',
  'tickets:create',
  'tickets:reply',
  'tickets:status',
  'tickets:assign',
  'tickets:update',
  'tickets:merge',
  'tickets:escalation',
  'drafts:decide',
  'settings:read',
  'agents:read',
  'agents:availability',
] as const satisfies readonly Permission[];

const TABLE = {
  admin: PERMISSIONS,
  lead: PERMISSIONS,
  agent,
  bot: agent,
  integration: ['tickets:read', 'tickets:create', 'settings:read', 'agents:read'],
} as const satisfies Record<string, readonly Permission[]>;

export type Role = keyof typeof TABLE;
export const ROLES = ['admin', 'lead', 'agent', 'bot', 'integration'] as const satisfies readonly Role[];

/** Whether a principal of `role` may do what `permission` names. */
export function may(role: Role, permission: Permission): boolean {
  const granted: readonly Permission[] = TABLE[role];
  return granted.includes(permission);
}

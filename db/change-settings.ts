/**
 * Writing settings: one at a time, each in a transaction of its own, together with the raised version.
 *
 * The version is raised first, and its row is locked by that: whatever a write has read of other settings (that a team
 * exists, that nobody uses a calendar) still holds when it is committed. A write that throws leaves nothing, the version
 * included.
 */
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { DISPATCH_CHANNEL } from './agents.ts';
import { actAs, type AuditActor } from './audit.ts';
import { raiseSettingsVersion } from './settings.ts';

/** Runs `write` as `actor`'s one write of settings and answers what it answers; what it persisted or changed is flushed then. */
export function changeSettings<Result>(
  orm: MikroORM,
  actor: AuditActor,
  write: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  return orm.em.fork().transactional(async (em) => {
    await actAs(em, actor);
    await raiseSettingsVersion({ query: async (text) => ({ rows: await em.execute(text) }) });
    const result = await write(em);
    // Who fits a ticket that waits may be somebody else now.
    await em.execute(`select pg_notify('${DISPATCH_CHANNEL}', '')`);
    return result;
  });
}

/** Changes an agent, as `actor`, while no setting that it names can be changed. */
export function besideSettings<Result>(
  orm: MikroORM,
  actor: AuditActor,
  write: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  return orm.em.fork().transactional(async (em) => {
    await actAs(em, actor);
    await em.execute('select from settings_version for share');
    const result = await write(em);
    await em.execute(`select pg_notify('${DISPATCH_CHANNEL}', '')`);
    return result;
  });
}

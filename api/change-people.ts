/** Changing who may do what: one transaction, written down as its caller's, after which no credential is taken on memory. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { actAs, type AuditActor } from '../db/audit.ts';
import type { Services } from './services.ts';

/** Runs `write` in a transaction as `actor` and answers what it answers; one that throws leaves nothing. */
export async function changePeople<Result>(
  { orm, credentials }: Pick<Services, 'orm' | 'credentials'>,
  actor: AuditActor,
  write: (em: EntityManager) => Promise<Result>,
): Promise<Result> {
  try {
    return await orm.em.fork().transactional(async (em) => {
      await actAs(em, actor);
      return write(em);
    });
  } finally {
    // Also when it threw: a commit whose answer was lost has changed them.
    credentials.forget();
  }
}

/** How a rota is kept in `rotas.body`: the desk's own turns, without the offsets of their zone, or PagerDuty's schedule. */
import type { Rota } from '../domain/rota.ts';

export type KeptRota = Omit<Rota, 'offsets'>;

interface PagerDutyRota {
  kind: 'pagerDuty';
  scheduleId: string;
}

export type RotaBody = KeptRota | PagerDutyRota;

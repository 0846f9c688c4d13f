import { defineEntity, p } from '@mikro-orm/core';
import type { RotaBody } from '../rotas.ts';

const RotaSchema = defineEntity({
  name: 'Rota',
  tableName: 'rotas',
  properties: {
    id: p.string().primary(),
    name: p.string(),
    body: p.json<RotaBody>(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** Who is on call: turns that the desk keeps, or a schedule of PagerDuty's. */
export class Rota extends RotaSchema.class {}
RotaSchema.setClass(Rota);

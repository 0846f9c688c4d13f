import { defineEntity, p } from '@mikro-orm/core';

const TextSchema = defineEntity({
  name: 'Text',
  tableName: 'texts',
  properties: {
    id: p.uuid().primary(),
    subject: p.string().nullable(),
    body: p.text(),
    html: p.text().nullable(),
    createdAt: p.datetime(),
  },
});

/** Words that somebody wrote; messages, drafts and reasons name them by id. */
export class Text extends TextSchema.class {}
TextSchema.setClass(Text);

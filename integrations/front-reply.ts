/** A reply as Front takes it: JSON, or a form where it has files (https://dev.frontapp.com/docs/attachments-1). */
import type { OutgoingReply } from './channel.ts';

/** The body of the call: an object to be sent as JSON, or the form. Without `html` the text is made into it. */
export function frontReply({ text, html = htmlOf(text), files = [] }: OutgoingReply & { html?: string }) {
  if (files.length === 0) return { body: html, text };
  const form = new FormData();
  form.set('body', html);
  form.set('text', text);
  for (const { name, content } of files) form.append('attachments[]', content, name);
  return form;
}

function htmlOf(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped.replaceAll(/\r\n|\r|\n/g, '<br>');
}

/**
 * The words by which the OpenAI simulator tells what a customer writes about, how bad it is, and in which language.
 *
 * A word stands for itself; with a star it stands for its beginnings. Does not promise understanding.
 */

/** Categories by their words; where two match equally often, the earlier one wins. */
export const categoryWords: ReadonlyMap<string, readonly string[]> = new Map([
  ['outage', list('outage|is down|are down|completely down|unavailable|for everyone|all users|503|ausfall|panne')],
  ['security', list('hacked|phishing|vulnerab*|breach*|leaked|stolen|suspicious|compromised|gehackt|piraté')],
  [
    'data_request',
    list('gdpr|dsgvo|rgpd|personal data|delete my data|erase|export my data|right to be forgotten|right of access'),
  ],
  ['refund', list('refund*|money back|reimburs*|chargeback|rückerstattung|erstatt*|remboursement|reembolso|rimborso')],
  [
    'billing',
    list('invoice*|bill|billed|billing|charge|charged|payment*|subscription|vat|rechnung*|facture|factura|fattura'),
  ],
  [
    'shipping',
    list(
      'ship*|deliver*|parcel|package|tracking|courier|arrive*|lieferung|paket|livraison|colis|envío|pedido|spedizione|entrega|levering|pakket',
    ),
  ],
  [
    'account_access',
    list('password|log in|login|log into|sign in|locked out|2fa|passwort|anmelden|mot de passe|contraseña|wachtwoord'),
  ],
  [
    'bug',
    list('bug*|error*|crash*|broken|does not work|doesn t work|not working|fails|freezes|exception|fehler|erreur'),
  ],
  [
    'how_to',
    list('how do i|how can i|how to|where can i|is it possible|tutorial|wie kann ich|comment puis je|cómo puedo'),
  ],
]);

/** Words that make things worse than the category alone. */
export const worseWords = {
  sev1: list(
    'outage|for everyone|all users|all customers|data loss|completely down|breach*|production is down|ausfall',
  ),
  sev2: list('hacked|stolen|locked out|blocked|cannot work|charged twice|compromised|many users'),
  urgent: list('urgent*|asap|immediately|emergency|right now|dringend|sofort|urgente|spoed'),
};

export const sentimentWords = {
  positive: list('thank*|great|love|excellent|perfect|happy|awesome|danke|merci|gracias|grazie|obrigado'),
  negative: list(
    'angry|terrible|worst|unacceptable|disappoint*|frustrat*|awful|useless|lawyer|ridiculous|wütend|scandaleux',
  ),
};

/** Stop words by ISO 639-1 code; the first language wins where none is ahead. */
export const stopWords: ReadonlyMap<string, readonly string[]> = new Map([
  ['en', list('the|and|is|my|i|to|you|it|not|have|was|with')],
  ['de', list('der|die|das|und|ist|ich|nicht|mein|meine|ein|eine|habe|mit')],
  ['fr', list('le|la|les|et|est|je|pas|mon|ma|une|vous|avec|bonjour')],
  ['es', list('el|la|los|y|es|no|mi|una|con|por|hola|está|mis')],
  ['it', list('il|lo|gli|e|è|non|mio|mia|una|con|per|ciao|sono')],
  ['pt', list('o|os|e|é|não|meu|minha|uma|com|por|olá|está')],
  ['nl', list('de|het|een|en|ik|niet|mijn|is|met|heb|hallo|van')],
]);

/** Counts how many of the words the text holds. */
export function hits(text: string, words: readonly string[]): number {
  const bare = normalised(text);
  return words.filter((word) => bare.includes(word.endsWith('*') ? ` ${word.slice(0, -1)}` : ` ${word} `)).length;
}

/** Counts how often stop words occur in the text, which is what tells two related languages apart. */
export function occurrences(text: string, words: readonly string[]): number {
  const wanted = new Set(words);
  return normalised(text)
    .split(' ')
    .filter((word) => wanted.has(word)).length;
}

// One line a list keeps the tables readable; a bar separates, because a word may be a phrase.
function list(words: string): readonly string[] {
  return words.split('|');
}

function normalised(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return ` ${words.join(' ')} `;
}

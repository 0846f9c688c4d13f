/**
 * The rules by which the OpenAI simulator answers: a triage by key words, a draft by template.
 *
 * The customer's words are data here by construction: nothing in them is ever followed, so "ignore your instructions"
 * can be categorised and do nothing else. Does not promise a good answer, and says so in every one.
 */
import { categoryWords, hits, occurrences, sentimentWords, stopWords, worseWords } from './openai-keywords.ts';

/** The last line of every draft. */
export const draftSignature = "— drafted by Holdfast's OpenAI simulator (no model was asked)";

const summaryLimit = 140;
const ranks = ['sev1', 'sev2', 'sev3', 'sev4'] as const;
const priorityOf = { sev1: 'urgent', sev2: 'high', sev3: 'normal', sev4: 'low' } as const;
const usualSeverity: ReadonlyMap<string, Severity> = new Map([
  ['outage', 'sev1'],
  ['security', 'sev2'],
  ['how_to', 'sev4'],
  ['other', 'sev4'],
]);

const phrases = new Map([
  [
    'en',
    {
      greeting: 'Hello,',
      thanks: 'thank you for writing to us.',
      next: 'A colleague is looking into it and will answer you soon.',
    },
  ],
  [
    'de',
    {
      greeting: 'Guten Tag,',
      thanks: 'vielen Dank für Ihre Nachricht.',
      next: 'Wir prüfen Ihr Anliegen und melden uns bald.',
    },
  ],
  [
    'fr',
    {
      greeting: 'Bonjour,',
      thanks: 'merci pour votre message.',
      next: 'Nous examinons votre demande et vous répondrons bientôt.',
    },
  ],
  [
    'es',
    {
      greeting: 'Hola,',
      thanks: 'gracias por su mensaje.',
      next: 'Estamos revisando su consulta y le responderemos pronto.',
    },
  ],
  [
    'it',
    {
      greeting: 'Buongiorno,',
      thanks: 'grazie per il suo messaggio.',
      next: 'Stiamo verificando e le risponderemo presto.',
    },
  ],
  [
    'pt',
    { greeting: 'Olá,', thanks: 'obrigado pela sua mensagem.', next: 'Estamos a verificar e responderemos em breve.' },
  ],
  ['nl', { greeting: 'Hallo,', thanks: 'bedankt voor uw bericht.', next: 'We kijken ernaar en antwoorden u snel.' }],
]);

// No sentence here grants, promises or confirms anything: that is a person's decision.
const englishByCategory = new Map([
  ['billing', 'We are checking the payment and the invoice that you mention.'],
  ['refund', 'A colleague is checking the order and will answer you about the refund; nothing has been decided yet.'],
  ['shipping', 'We are asking the carrier where your parcel is.'],
  ['outage', 'We are looking into this with priority and will tell you as soon as we know more.'],
  ['bug', 'Could you tell us what you did just before, and what you saw on the screen?'],
  [
    'account_access',
    'Please use "Forgot password" on the sign-in page first; if that does not help, answer this mail.',
  ],
  ['security', 'Our security team is looking into this. Please do not send us any password.'],
  ['data_request', 'We have noted your request about your personal data and will confirm it in writing.'],
  ['how_to', 'A colleague will send you the steps.'],
]);

type Severity = (typeof ranks)[number];

/**
 * Triages the customer's words by key words.
 *
 * @example triageOf('I want my money back!'); // { category: 'refund', severity: 'sev3', priority: 'normal', … }
 */
export function triageOf(words: string) {
  const { category, certainty } = categorise(words);
  const severity = severityOf(words, category);
  const isUrgent = hits(words, worseWords.urgent) > 0 && severity !== 'sev1';
  return {
    category,
    severity,
    priority: isUrgent ? 'high' : priorityOf[severity],
    sentiment: sentimentOf(words),
    language: languageOf(words),
    summary: summaryOf(words),
    confidence: certainty,
  };
}

/** Drafts a reply in the customer's language; it begins with a greeting and ends with the simulator's own line. */
export function draftOf(words: string): { body: string; confidence: number } {
  const { category, certainty } = categorise(words);
  const language = languageOf(words);
  const { greeting, thanks, next } = phrases.get(language) ?? { greeting: 'Hello,', thanks: '', next: '' };
  const particular = language === 'en' ? (englishByCategory.get(category) ?? next) : next;
  return { body: [greeting, '', thanks, particular, '', draftSignature].join('\n'), confidence: certainty };
}

function categorise(words: string): { category: string; certainty: number } {
  let best = { category: 'other', count: 0 };
  for (const [category, list] of categoryWords) {
    const count = hits(words, list);
    if (count > best.count) best = { category, count };
  }
  return { category: best.category, certainty: [0.4, 0.65, 0.8][best.count] ?? 0.9 };
}

function severityOf(words: string, category: string): Severity {
  if (hits(words, worseWords.sev1) > 0) return 'sev1';
  if (hits(words, worseWords.sev2) > 0) return category === 'outage' ? 'sev1' : 'sev2';
  return usualSeverity.get(category) ?? 'sev3';
}

function sentimentOf(words: string): string {
  const balance = hits(words, sentimentWords.positive) - hits(words, sentimentWords.negative);
  if (balance === 0) return 'neutral';
  return balance > 0 ? 'positive' : 'negative';
}

function languageOf(words: string): string {
  let best = { language: 'en', count: 0 };
  for (const [language, list] of stopWords) {
    const count = occurrences(words, list);
    if (count > best.count) best = { language, count };
  }
  return best.language;
}

// Counted in code points, so that an emoji at the limit is not cut in half.
function summaryOf(words: string): string {
  const line = words.replaceAll(/\s+/g, ' ').trim();
  const [sentence = line] = line.split(/(?<=[.!?]) /);
  const whole = Array.from(`[simulated] ${sentence}`);
  return whole.length <= summaryLimit ? whole.join('') : `${whole.slice(0, summaryLimit - 1).join('')}…`;
}

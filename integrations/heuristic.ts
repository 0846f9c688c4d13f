/**
 * The keyword heuristic: triage and a holding answer without any model. It takes over when the model is down, slow,
 * refused or not configured, answers at once, and is never sure of itself.
 */
import type { Category, Priority, Sentiment, Severity } from '../domain/ticket.ts';
import type { Assistant, Conversation, DraftAnswer, TriageAnswer } from './assistant.ts';

const CATEGORY_WORDS: readonly (readonly [Category, RegExp])[] = [
  ['security', /\b(hacked|breach|phishing|vulnerab\w*|stolen|leak(ed)?|unauthori[sz]ed)\b/i],
  ['outage', /\b(down|outage|unavailable|offline|503|502|not (loading|responding|reachable))\b/i],
  ['data_request', /\b(gdpr|delete my (data|account)|data request|right to (access|erasure)|export my data)\b/i],
  ['refund', /\b(refund\w*|money back|charge ?back|return(ed|ing)?|erstattung|remboursement|reembolso)\b/i],
  ['billing', /\b(invoice\w*|bill(ed|ing)?|charged?|payment|credit card|subscription|vat|rechnung|facture)\b/i],
  ['shipping', /\b(ship(ped|ping|ment)?|deliver(y|ed)|parcel|package|tracking|courier|lieferung|paket)\b/i],
  ['account_access', /\b(log ?in|sign ?in|password|locked out|2fa|reset link|access (to )?my account|passwort)\b/i],
  ['bug', /\b(bug|error|crash\w*|broken|does(n't| not) work|exception|fehler|fails?)\b/i],
  ['how_to', /\b(how (do|can|to)|where (do|can)|is it possible|wie kann|comment)\b/i],
];

const URGENT = /\b(urgent\w*|asap|immediately|emergency|right now|critical|production|sofort|dringend)\b/i;
const ANGRY = /\b(unacceptable|angry|terrible|worst|ridiculous|furious|disappoint\w*|complain\w*|lawyer|third time)\b/i;
const HAPPY = /\b(thank(s| you)|great|love|awesome|perfect|danke|merci|gracias)\b/i;

const LANGUAGE_WORDS: readonly (readonly [string, RegExp])[] = [
  ['de', /\b(und|nicht|ich|ist|bitte|mein\w*|wie|das)\b/gi],
  ['fr', /\b(je|vous|est|pas|mon|une|bonjour|merci)\b/gi],
  ['es', /\b(el|los|por|mi|una|hola|gracias|estoy)\b/gi],
  ['it', /\b(il|non|sono|una|ciao|grazie|mio|che)\b/gi],
  ['nl', /\b(het|een|niet|ik|mijn|hallo|dank)\b/gi],
];

/** The heuristic as an engine. */
export const heuristic: Assistant = {
  triage: (conversation) => Promise.resolve(triage(conversation)),
  draft: (conversation) => Promise.resolve(draft(conversation)),
};

function triage(conversation: Conversation): TriageAnswer {
  const text = `${conversation.subject}\n${customerWords(conversation)}`;
  const category = categoryOf(text);
  const urgent = URGENT.test(text) || category === 'outage' || category === 'security';
  const sentiment = sentimentOf(text);
  return {
    category: category ?? 'other',
    severity: severityOf(category, urgent),
    priority: priorityOf(category, urgent, sentiment),
    sentiment,
    language: languageOf(text),
    summary: conversation.subject.slice(0, 140),
    confidence: category === null ? 0.2 : 0.5,
    engine: 'heuristic',
  };
}

function draft(conversation: Conversation): DraftAnswer {
  const category = categoryOf(`${conversation.subject}\n${customerWords(conversation)}`) ?? 'other';
  const body = [
    'Hello,',
    `thank you for writing to us about “${conversation.subject}”.`,
    NEXT_STEP[category],
    'Kind regards\nYour support team',
  ].join('\n\n');
  return { body, confidence: 0.2, engine: 'heuristic' };
}

const NEXT_STEP: Readonly<Record<Category, string>> = {
  billing: 'Could you tell us the invoice number and the amount you expected? We will check it against your account.',
  refund: 'Could you tell us the order number and the reason? We will check what we can return to you.',
  shipping: 'Could you tell us the order number? We will ask the carrier where it is.',
  outage: 'We are looking into it now and will write again as soon as we know more.',
  bug: 'Could you tell us what you did, what you expected and what happened instead?',
  account_access: 'Could you tell us which address you sign in with? Please do not send us your password.',
  security: 'We take this seriously and have put it before our security colleagues. Please do not share it further.',
  data_request: 'We have noted your request and will come back to you once we have confirmed who you are.',
  how_to: 'We will write down the steps for you. Which device and version do you use?',
  other: 'We have read it and will come back to you.',
};

function customerWords(conversation: Conversation): string {
  return conversation.messages
    .filter((message) => message.from === 'customer')
    .map((message) => message.body)
    .join('\n');
}

function categoryOf(text: string): Category | null {
  return CATEGORY_WORDS.find(([, words]) => words.test(text))?.[0] ?? null;
}

function sentimentOf(text: string): Sentiment {
  if (ANGRY.test(text)) return 'negative';
  return HAPPY.test(text) ? 'positive' : 'neutral';
}

function severityOf(category: Category | null, urgent: boolean): Severity {
  if (category === 'outage' || category === 'security') return 'sev1';
  if (urgent) return 'sev2';
  return category === 'how_to' || category === null ? 'sev4' : 'sev3';
}

function priorityOf(category: Category | null, urgent: boolean, sentiment: Sentiment): Priority {
  if (urgent) return 'urgent';
  if (sentiment === 'negative') return 'high';
  return category === 'how_to' ? 'low' : 'normal';
}

function languageOf(text: string): string {
  const counted = LANGUAGE_WORDS.map(([language, words]) => ({ language, count: text.match(words)?.length ?? 0 }));
  const best = counted.toSorted((a, b) => b.count - a.count)[0];
  return best !== undefined && best.count >= 3 ? best.language : 'en';
}

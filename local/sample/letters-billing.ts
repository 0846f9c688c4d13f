/** What customers of the sample write about money. */
import { type Letter, letters, lettersIn } from './letter.ts';

export const BILLING: readonly Letter[] = [
  ...letters(
    'billing-question',
    [
      'Invoice {invoice} is higher than the month before',
      'Invoice {invoice} is {amount} EUR more than last month, and we have not added anybody. What is the new line “platform services”?',
    ],
    [
      'Two charges on my card for one invoice',
      'My bank shows two payments of {amount} EUR on the same morning, both for invoice {invoice}. One of them must be a mistake.',
    ],
    [
      'Charged in dollars, billed in euros',
      'The invoice {invoice} says {amount} EUR, but my card was charged in US dollars at a rate I do not recognise. Which one is right?',
    ],
  ),
  ...lettersIn(
    'de',
    'billing-question',
    [
      'Frage zur Rechnung {invoice}',
      'Guten Tag, auf der Rechnung {invoice} steht eine Position über {amount} EUR, die ich nicht zuordnen kann. Wofür ist sie?',
    ],
    [
      'Mehrwertsteuer auf der Rechnung {invoice}',
      'Guten Tag, wir sind von der Umsatzsteuer befreit, aber die Rechnung {invoice} weist sie aus. Bitte prüfen Sie das und melden Sie sich bei mir.',
    ],
  ),
  ...letters(
    'refund',
    [
      'Refund for order {order}',
      'I sent the {product} back on {weekday} and the depot has it. When do I get my {amount} EUR refunded?',
    ],
    [
      'Money back, please',
      'The {product} from order {order} is not what the page describes. I would like my money back rather than a replacement.',
    ],
    [
      'Only half of it was refunded',
      'You refunded {amount} EUR for order {order}, but I returned both items. The second one is still missing from the refund.',
    ],
  ),
  ...lettersIn('fr', 'refund', [
    'Remboursement de la commande {order}',
    'Bonjour, je vous ai renvoyé le colis {weekday} et je n’ai pas encore reçu mon remboursement de {amount} EUR. Pouvez-vous vérifier ?',
  ]),
  ...letters(
    'invoice-copy',
    [
      'Copy of {invoice} for our accountant',
      'Our accountant is closing the quarter and {invoice} is the only one missing. Could you send it again as a PDF?',
    ],
    [
      'Wrong address on {invoice}',
      'We moved in spring. {invoice} still has the old street on it and our finance team cannot book it like that.',
    ],
    [
      'Our VAT number is missing on {invoice}',
      'Please issue {invoice} again with our VAT number; it has been in the account settings since {weekday}.',
    ],
  ),
  ...letters(
    'payment-failed',
    [
      'Card declined three times for {order}',
      'I tried to pay {amount} EUR for {order} with two cards. Both work elsewhere. The page only says “try later”.',
    ],
    [
      'Paid, but the order says it is not',
      'The bank took {amount} EUR on {weekday}, and the page of {order} still asks me to pay. I do not want to pay twice.',
    ],
    [
      'Direct debit came back',
      'We got a notice that the debit of {amount} EUR came back. The account is covered; please try once more or tell us how to transfer it.',
    ],
  ),
  ...letters(
    'chargeback',
    [
      'Dispute about {order} opened by our bank',
      'Our bank opened a dispute over {amount} EUR for {order} without asking us. We want to withdraw it; what do you need from us?',
    ],
    [
      'I do not know this charge of {amount} EUR',
      'There is a charge of {amount} EUR with your name on my statement of {weekday}. I have asked the bank to take it back until you explain it.',
    ],
  ),
  ...letters(
    'promo-code',
    [
      'The code WELCOME15 is refused',
      'It was in your newsletter on {weekday} and the basket says that it does not exist. The basket is {amount} EUR.',
    ],
    [
      'Forgot to enter my voucher',
      'I placed {order} a minute ago and forgot the voucher AUTUMN10. Can it still be taken off?',
    ],
    [
      'Student discount is gone',
      'I had the student price for two years and since {weekday} I see the full one. My card of the university is valid until July.',
    ],
  ),
  ...letters(
    'subscription-change',
    [
      'From 25 to 18 seats',
      'Seven colleagues leave at the end of the month. How do we go down to 18 seats, and what does it do to the yearly price?',
    ],
    [
      'Pause for the winter',
      'Our campsite is closed until April. Can we pause the plan instead of ending it? The last payment was {amount} EUR.',
    ],
    [
      'Please end our plan',
      'We have merged with another company that uses another tool. Please end our plan at the next date and confirm it in writing.',
    ],
  ),
];

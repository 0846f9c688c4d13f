/** What customers of the sample write about what they ordered. */
import { type Letter, letters, lettersIn } from './letter.ts';

export const FULFILMENT: readonly Letter[] = [
  ...letters(
    'shipping-delay',
    [
      'Where is order {order}?',
      'It was to be delivered on {weekday}. The tracking {tracking} has said “in transit” for four days now.',
    ],
    [
      'Delivery of {order} moved again',
      'This is the second new date for my {product}. Will the parcel arrive this week, or shall I make other plans?',
    ],
    [
      'Shipping to Norway',
      'The shop says three to five days for shipping. {order} has been at customs since {weekday}; do you have to send papers?',
    ],
  ),
  ...lettersIn(
    'de',
    'shipping-delay',
    [
      'Wo bleibt meine Lieferung {order}?',
      'Guten Tag, die Lieferung war für {weekday} zugesagt und ist nicht angekommen. Die Sendungsnummer ist {tracking}. Können Sie nachsehen?',
    ],
    [
      'Paket {tracking} bewegt sich nicht',
      'Hallo, das Paket mit meiner Bestellung {order} liegt seit {weekday} im Verteilzentrum. Ich brauche das {product} bis Ende der Woche.',
    ],
  ),
  ...lettersIn('es', 'shipping-delay', [
    'El pedido {order} no llega',
    'Hola, mi pedido con el {product} no ha llegado y el envío {tracking} no cambia desde el {weekday}. ¿Pueden mirar dónde está?',
  ]),
  ...letters(
    'lost-parcel',
    [
      '{order} is marked as delivered, but it is not here',
      'The carrier says it left {tracking} with a neighbour on {weekday}. I have asked on every floor; nobody has it.',
    ],
    [
      'The carrier has lost {tracking}',
      'They told me on the phone that {tracking} has not been scanned for ten days and that only the sender can start a search.',
    ],
    [
      'Empty box',
      'The box of {order} came today, taped twice, with the paper and without the {product}. I took photographs before opening it.',
    ],
  ),
  ...letters(
    'damaged-item',
    [
      'The {product} has a crack',
      'It came on {weekday}, well wrapped, and still has a crack along the side. Order {order}. Pictures on request.',
    ],
    ['Wrong colour in {order}', 'I ordered the {product} in grey and got a green one. The label on the box says grey.'],
    [
      'Screws are missing',
      'The bag with the screws is not in the box of my {product} ({order}). Everything else is there; could you send just the bag?',
    ],
  ),
  ...letters(
    'return',
    [
      'Return label for {order}',
      'The {product} is a little too wide for our door. It is still in its box. How do I send it back?',
    ],
    [
      'Is it too late to send it back?',
      'The {product} from {order} was a birthday present, so it was opened only on {weekday}, day 33. Is that too late?',
    ],
    [
      'Collection for a heavy return',
      'The {product} weighs 40 kilos and I have no car. Can somebody collect it? The order was {order}.',
    ],
  ),
  ...letters(
    'exchange',
    [
      'One size up, please',
      'The {product} from {order} is lovely and one size too small. Can I have the next size instead?',
    ],
    [
      'Exchange {order} for the other colour',
      'In daylight the {product} does not go with the room at all. I would take it in sand instead; the price is the same.',
    ],
    [
      'Gift given twice',
      'My sister has the same {product} already. May I take something else for {amount} EUR instead?',
    ],
  ),
  ...lettersIn('de', 'exchange', [
    'Umtausch der Bestellung {order}',
    'Guten Tag, das {product} ist mir eine Nummer zu klein. Kann ich es gegen die nächste Größe tauschen? Vielen Dank und Gruß',
  ]),
  ...letters(
    'order-change',
    [
      'New address for {order}',
      'We move on {weekday}. Please send {order} to the office instead; the address is in my profile as the second one.',
    ],
    [
      'Two instead of one in {order}',
      'I meant to take two of the {product}. Can you add one before it goes out, so that it is one delivery?',
    ],
    [
      'Please leave out the gift wrap',
      'I ticked gift wrap for {order} by mistake. No need for it, and no need to pay the {amount} EUR.',
    ],
  ),
  ...letters(
    'cancellation',
    [
      'Cancel {order}, please',
      'I ordered the {product} ten minutes ago and saw that my partner had ordered it yesterday. Please cancel mine.',
    ],
    [
      'It takes too long',
      'The date for {order} is now six weeks away. I found a {product} around the corner, so please cancel.',
    ],
    [
      'Ordered with the wrong account',
      '{order} was to go through our company account. Cancel it, please, and I order again the right way.',
    ],
  ),
];

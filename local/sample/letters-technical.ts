/** What customers of the sample write about what does not work, or how it does. */
import { type Letter, letters, lettersIn } from './letter.ts';

export const TECHNICAL: readonly Letter[] = [
  ...letters(
    'outage',
    [
      'Checkout is unavailable for us',
      'Since about an hour ago checkout is unavailable: every basket ends at an error page with the number 503. Three shops are affected.',
    ],
    [
      'Reports are down in the Frankfurt region',
      'All reports are down, the page stays white. Colleagues in Dublin see them. We need the figures for a meeting today.',
    ],
  ),
  ...letters(
    'performance',
    [
      'The list of orders takes 20 seconds',
      'It used to be quick. Since {weekday} the list with our 4,000 orders takes 20 seconds, each time we open it.',
    ],
    [
      'Search hangs every afternoon',
      'Between two and four in the afternoon the search takes ages; in the morning all is well. We are 60 people in Lisbon.',
    ],
    [
      'Export stops at 80 %',
      'The nightly export needed ten minutes, now it stops at 80 % after two hours. Nothing changed on our side.',
    ],
  ),
  ...letters(
    'bug',
    [
      'Error when I save a template',
      'Saving a template with an umlaut in its name gives an error, “unexpected token”. Without the umlaut it works.',
    ],
    [
      'The app crashes on opening a photo',
      'Version 8.2 on Android 15 crashes as soon as I open a photo in a message. Installing it anew did not help.',
    ],
    [
      'Dates are a day off',
      'There is a bug in the calendar view: a date entered as {weekday} is shown as the day before. We are in Auckland, if that matters.',
    ],
    [
      'Filter “last month” is broken',
      'The filter “last month” is broken since the update: it shows this month, and the total of {amount} EUR is wrong with it.',
    ],
  ),
  ...lettersIn('de', 'bug', [
    'Fehler beim Speichern',
    'Guten Tag, beim Speichern einer Vorlage kommt seit {weekday} ein Fehler und die Änderungen sind weg. Ich habe es mit zwei Browsern versucht.',
  ]),
  ...letters(
    'how-to',
    [
      'How do I move a project to another owner?',
      'Our colleague leaves on {weekday}. How do I give her projects to somebody else without losing the history?',
    ],
    [
      'Where can I see who changed a price?',
      'Somebody changed the price of the {product}. Where can I see who, and when?',
    ],
    [
      'How to print only the labels',
      'How can I print the address labels without the delivery notes? We have a label printer now.',
    ],
    [
      'Is it possible to have two currencies?',
      'Is it possible to sell in francs and euros from one shop? We open in Basel next spring.',
    ],
  ),
  ...lettersIn('de', 'how-to', [
    'Wie kann ich einen Kollegen einladen?',
    'Guten Tag, wie kann ich einen Kollegen einladen, der nur lesen soll? Ich finde die Einstellung nicht. Danke und Gruß',
  ]),
  ...lettersIn('fr', 'how-to', [
    'Comment puis-je changer la langue ?',
    'Bonjour, comment puis-je changer la langue de mon compte et garder celle de mes collègues ? Merci de votre aide.',
  ]),
  ...letters(
    'integration',
    [
      'Webhook deliveries stop after 100',
      'Our endpoint answers 200, but after a hundred deliveries nothing comes for ten minutes. Is there a limit that we overlooked?',
    ],
    [
      'Which scope for reading stock?',
      'Reading stock answers 403 with our key, orders work. Which scope does it need? Request id 7f3a-{order}.',
    ],
    [
      'Sandbox for our developers',
      'Two of our developers begin with your interface on {weekday}. Is there a sandbox with sample data?',
    ],
  ),
  ...letters(
    'accessibility',
    [
      'Screen reader skips the total',
      'With NVDA and Firefox the total of the basket is not read, so I do not know what I pay before I confirm.',
    ],
    [
      'Menu cannot be opened by keyboard',
      'I cannot use a mouse. Since the new header the account menu does not open with Enter or Space.',
    ],
  ),
];

/** What customers of the sample write about everything else. */
import { type Letter, letters, lettersIn } from './letter.ts';

export const SUCCESS: readonly Letter[] = [
  ...letters(
    'other',
    [
      'Opening hours between the years',
      'Can we reach somebody between Christmas and New Year? We do our stocktaking then.',
    ],
    [
      'Pictures for our magazine',
      'We write about good packaging in our spring issue. May we have a picture of the {product} in print quality?',
    ],
    [
      'A letter for Mr Okafor',
      'A letter for a Mr Okafor of your company was put in our box on {weekday}. We keep it for you.',
    ],
  ),
  ...lettersIn('de', 'other', [
    'Betriebsbesichtigung mit der Schule',
    'Guten Tag, ich bin Lehrerin und frage, ob wir mit einer neunten Klasse Ihr Lager ansehen dürfen. Wir sind 24 Kinder und zwei Erwachsene.',
  ]),
  ...letters(
    'feature-request',
    [
      'Dark mode for the evening shift',
      'Four of us work at night in a dim room. A dark appearance would be a kindness to our eyes.',
    ],
    [
      'Keyboard shortcuts for the order list',
      'We go through 300 orders each day. Next, previous and done on the keyboard would spare us an hour.',
    ],
    ['Two approvers for large orders', 'Orders over {amount} EUR need two people here. Could the shop ask for both?'],
  ),
  ...letters(
    'feedback',
    [
      'Lovely packaging',
      'The {product} came in paper only, and it was a pleasure to open. I wanted to tell you that it is noticed.',
    ],
    [
      'Your colleague Ada was patient with me',
      'I am 82 and not quick at the computer. She stayed on it until it worked. Please tell her.',
    ],
    [
      'The new start page',
      'It looks tidy, but I need three clicks now for what was one before. The order list was my start page.',
    ],
  ),
  ...letters(
    'complaint',
    [
      'Third answer that does not answer',
      'I have asked the same question about {order} three times, and each time got a text that is not about it. This is unacceptable.',
    ],
    [
      'Nobody rang',
      'I was promised a call on {weekday} between ten and twelve, and stayed at home for it. I am disappointed.',
    ],
    [
      'Treated like a beginner',
      'I have sold here for eleven years. Being told to “restart the computer” about {invoice} is ridiculous.',
    ],
  ),
  ...letters(
    'onboarding',
    [
      'We begin on Monday with 40 people',
      'The contract is signed and we want to begin with 40 people. In which order do we invite them, and who can train them?',
    ],
    [
      'Bring our old orders along',
      'We come from another shop system with 12,000 orders as a table. Can they come along, or do we begin empty?',
    ],
    [
      'Single sign-on before we go live',
      'Our security people insist on single sign-on before anybody uses it. Whom do we talk to about setting it up?',
    ],
  ),
  ...letters(
    'plan-upgrade',
    [
      'An offer for 120 seats',
      'We are at 35 seats now and will be 120 by summer. What would the larger plan be for two years?',
    ],
    [
      'What does the large plan have that ours has not?',
      'Our page says “ask us”, so I ask: audit log, own domain, and what else? We now pay {amount} EUR.',
    ],
  ),
  ...letters(
    'partner-request',
    [
      'We would like to resell in Poland',
      'We are a company of 14 in Gdańsk that sets up shops for others. Is there a programme for partners?',
    ],
    [
      'An exchange of data with our scales',
      'We make scales for warehouses and want them to write the weight into your orders. Who decides about such things?',
    ],
  ),
];

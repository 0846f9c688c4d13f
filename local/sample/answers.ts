/** How the sample's agents answer, by support type; in English, as most of the letters are. */
export const ANSWERS: ReadonlyMap<string, string> = new Map([
  [
    'billing-question',
    'I have gone through it line by line. One line is our mistake; the credit is on its way and you see it on the next invoice.',
  ],
  [
    'refund',
    'the refund is booked as of today. Your bank needs up to five days to show it; write to me if it does not come.',
  ],
  [
    'invoice-copy',
    'the corrected document is in your account under “Invoices”, with the same number and today’s date.',
  ],
  [
    'payment-failed',
    'I see the attempt. The amount was reserved and not taken, and the reservation falls away by itself. I have opened the payment page for you again.',
  ],
  [
    'chargeback',
    'thank you for telling us first. Please send your bank the sentence “withdrawn by the cardholder”; I have attached the paper for it.',
  ],
  ['promo-code', 'the code was switched off too early. I have taken the discount off your order by hand.'],
  [
    'subscription-change',
    'it is noted for the next date of your plan, and the confirmation is in your account. Until then nothing changes.',
  ],
  [
    'shipping-delay',
    'I have asked the depot. It was on the wrong van, goes out again tomorrow, and you get a two hour window in the morning.',
  ],
  [
    'lost-parcel',
    'I have started a search with the carrier and do not want you to wait for it: another one leaves us today.',
  ],
  [
    'damaged-item',
    'I am sorry about that. What you need leaves us today. Keep what you have, or give it to somebody who likes to mend things.',
  ],
  ['return', 'that is fine. A label is attached; the driver rings before he comes, and brings tape.'],
  [
    'exchange',
    'gladly. I have put the other one aside for you; it leaves as soon as the label of the first is scanned.',
  ],
  ['order-change', 'you are in time. I have changed the order, and the new confirmation shows it.'],
  ['cancellation', 'it is cancelled, and nothing is charged. Thank you for saying so before it was packed.'],
  [
    'outage',
    'we have found it: one of two machines did not come back after the night’s update. It serves again since a quarter of an hour; please try.',
  ],
  [
    'performance',
    'there was a query without its index since the last release. It is back to normal for me; could you tell me what you see?',
  ],
  [
    'bug',
    'thank you for the precise steps, I can see it here too. It is mended in the next release; until then the page opens right from the menu.',
  ],
  ['how-to', 'it is under “Settings”, third from below. I have written the clicks down for you in a short article.'],
  [
    'integration',
    'there is a limit that our pages tell too quietly. I have raised it for your key, and the article that explains it is attached.',
  ],
  [
    'accessibility',
    'you are right, and thank you for naming the program. The next release reads it; I would like to show it to you before.',
  ],
  [
    'account-access',
    'I have checked that the account is yours and opened a way in; the link comes in a separate mail and holds for one hour.',
  ],
  ['password-reset', 'your provider had held our mails back. I have sent it again by another way, a minute ago.'],
  [
    'security-report',
    'we took it to our security people at once. You are safe for the moment: every device is signed out and no address can be changed.',
  ],
  ['abuse-report', 'it has been reported and is gone since this morning. Thank you for sending it on.'],
  [
    'data-request',
    'we have your request. The law gives us a month, we usually need a week. I write as soon as the copy can be fetched.',
  ],
  [
    'account-deletion',
    'I have begun it. Invoices we must keep for ten years by law; everything else is gone within thirty days, and you get a last mail.',
  ],
  ['other', 'I have passed it to the colleague who knows. She writes to you herself today or tomorrow.'],
  [
    'feature-request',
    'that is a good reason. I have put it before those who decide, in your words, and tell you what they say.',
  ],
  ['feedback', 'that is kind of you to write. I have read it aloud at our morning round.'],
  [
    'complaint',
    'I have read all of it from the beginning, and you are right. I am taking it on myself now; you get no other name any more.',
  ],
  ['onboarding', 'let us take half an hour for it. I can offer Tuesday at ten, Wednesday at two and Thursday at nine.'],
  ['plan-upgrade', 'the offer is attached, for one year and for two. I would be glad to go through it with you.'],
  ['partner-request', 'that sounds worth a talk. My colleague for partners writes to you this week.'],
]);

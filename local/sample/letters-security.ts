/** What customers of the sample write about their accounts, their data and their safety. */
import { type Letter, letters, lettersIn } from './letter.ts';

export const SECURITY: readonly Letter[] = [
  ...letters(
    'account-access',
    [
      'New phone, and no code any more',
      'I have a new phone and the old one with the 2FA codes is gone. I know my password, but that is where it ends. How do I log in?',
    ],
    [
      'I cannot sign in since {weekday}',
      'I cannot sign in: the page loads again and the fields are empty. No message. It is the same at home and at the office.',
    ],
    [
      'The account of a colleague who left',
      'The login of our shop belonged to a colleague who left. We own the domain. How do we get into the account?',
    ],
  ),
  ...lettersIn('de', 'account-access', [
    'Anmelden geht nicht mehr',
    'Guten Tag, ich kann mich seit {weekday} nicht mehr anmelden, obwohl das Passwort stimmt. Können Sie mein Konto prüfen?',
  ]),
  ...lettersIn('es', 'account-access', [
    'No puedo entrar en mi cuenta',
    'Hola, no puedo entrar en mi cuenta con la contraseña de siempre y no recibo el correo para cambiarla. Gracias por su ayuda.',
  ]),
  ...letters(
    'password-reset',
    [
      'The reset mail does not come',
      'I asked for it four times since {weekday}. It is not among the junk mail either.',
    ],
    ['The reset link has expired', 'I opened it within five minutes and it says that it has expired. Twice.'],
    [
      'Reset mail goes to an old address',
      'It goes to the address of my former employer, which I cannot read any more. My new one is the one I write from.',
    ],
  ),
  ...letters(
    'security-report',
    [
      'Somebody else changed my address',
      'My delivery address was changed on {weekday} and it was not me. I think that my account is compromised.',
    ],
    [
      'Order numbers can be counted up',
      'A vulnerability, I believe: with another number in the address of the tracking page I see the town of a stranger’s order.',
    ],
  ),
  ...letters(
    'abuse-report',
    [
      'A shop copies our pictures',
      'A shop on your platform uses our product pictures and texts, down to the watermark. We did not allow it.',
    ],
    [
      'Mail that pretends to be you',
      'I got a mail with your logo that asks for my card because of {order}. The link goes somewhere else entirely.',
    ],
  ),
  ...letters(
    'data-request',
    [
      'Which personal data do you keep about me?',
      'Under article 15 of the GDPR I ask for a copy of my personal data, and where you got it from.',
    ],
    [
      'Export of my personal data',
      'Please export my data in a form that another service can read. I am moving my shop at the end of the month.',
    ],
  ),
  ...lettersIn('de', 'data-request', [
    'Auskunft nach der DSGVO',
    'Guten Tag, ich bitte um Auskunft nach Artikel 15 DSGVO, welche Daten Sie über mich gespeichert haben und an wen sie gegangen sind.',
  ]),
  ...letters(
    'account-deletion',
    [
      'Please delete my account',
      'I have closed my shop and want everything about it gone. Is there anything that you have to keep, and for how long?',
    ],
    [
      'Close the account of my late father',
      'My father has died. I have the papers. Please tell me how his account can be closed, and whether something is still owed.',
    ],
  ),
];

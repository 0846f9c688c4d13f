/** The sample's customers: some sixty people, some of whom pay to be answered sooner. All made up; `.example` reaches nobody. */

export interface Customer {
  name: string;
  email: string;
  /** What decides their policy; null for most. */
  tier: 'vip' | 'enterprise' | 'business' | null;
  /** ISO 639-1. */
  language: string;
}

/** The customers of one company or of none, as `name|mailbox`. */
function of(domain: string, tier: Customer['tier'], language: string, people: string): Customer[] {
  return people.split(', ').map((person) => {
    const [name = '', mailbox = ''] = person.split('|');
    return { name, email: `${mailbox}@${domain}`, tier, language };
  });
}

export const CUSTOMERS: readonly Customer[] = [
  ...of('northwind-logistics.example', 'enterprise', 'en', 'Priya Raman|priya.raman, Tom Hallam|tom.hallam'),
  ...of('northwind-logistics.example', 'enterprise', 'en', 'Aoife Byrne|aoife.byrne'),
  ...of('meridian-health.example', 'enterprise', 'en', 'Dr Samuel Osei|s.osei, Ingrid Solberg|i.solberg'),
  ...of('hansewerk.example', 'enterprise', 'de', 'Katrin Petersen|katrin.petersen, Jonas Brandt|jonas.brandt'),
  ...of('atelier-lumen.example', 'vip', 'fr', 'Hélène Marchand|helene'),
  ...of('casa-azul.example', 'vip', 'es', 'Inés Valverde|ines'),
  ...of('olufsen-studio.example', 'vip', 'en', 'Freja Olufsen|freja'),
  ...of('blackwood-cellars.example', 'vip', 'en', 'Rupert Blackwood|rupert'),
  ...of('tidewater-surf.example', 'business', 'en', 'Marcus Bell|marcus, Leilani Kahale|leilani'),
  ...of('greenline-cycles.example', 'business', 'en', 'Sofia Lindqvist|sofia, Daniel Adeyemi|daniel'),
  ...of('papierwerkstatt.example', 'business', 'de', 'Ulrike Sommer|ulrike, Thomas Krüger|thomas'),
  ...of('bergblick-hotel.example', 'business', 'de', 'Andrea Huber|rezeption'),
  ...of('maison-verte.example', 'business', 'fr', 'Luc Fontaine|luc, Camille Roux|camille'),
  ...of('huerta-norte.example', 'business', 'es', 'Javier Ortega|javier'),
  ...of('quayside-books.example', 'business', 'en', 'Eleanor Finch|eleanor, Hamish Reid|hamish'),
  ...of('mail.example', null, 'en', 'Amara Nwosu|amara.nwosu, Ben Castellano|bcastellano, Chloe Tan|chloe.tan'),
  ...of('mail.example', null, 'en', 'Dmitri Volkov|d.volkov, Esther Cohen|esther.cohen, Farah Siddiqui|farah.s'),
  ...of('lakeside-school.example', 'business', 'en', 'Grace Atkins|office, Owen Pritchard|o.pritchard'),
  ...of('mail.example', null, 'en', 'Rafael Moreira|rafael.m, Sunniva Dahl|sunniva, Theo Laurent|theo.laurent'),
  ...of('mail.example', null, 'en', 'Zainab Bello|zainab, Adrian Popescu|adrian.p, Nadia Haddad|nadia.haddad'),
  ...of('mail.example', null, 'en', 'Ewan Mackay|ewan, Bianca Ricci|bianca.ricci, Sanjay Mehta|sanjay'),
  ...of('mail.example', null, 'en', 'George Mbeki|george.mbeki, Hana Sato|hana.sato, Ivan Petrov|ivan.p'),
  ...of('mail.example', null, 'en', 'Joan Whitaker|joan.whitaker, Kofi Asante|kofi, Lucia Bianchi|lucia.b'),
  ...of('mail.example', null, 'en', 'Maeve O’Connor|maeve, Nikhil Desai|nikhil.desai, Olga Novak|olga.novak'),
  ...of('post.example', null, 'en', 'Peter Janssen|p.janssen, Quinn Harper|quinn, Rosa Delgado|rosa.delgado'),
  ...of('post.example', null, 'en', 'Seamus Doyle|seamus, Tara Singh|tara.singh, Uma Krishnan|uma'),
  ...of('post.example', null, 'en', 'Victor Hale|victor.hale, Wendy Zhao|wendy.zhao, Yusuf Demir|yusuf'),
  ...of('post.example', null, 'de', 'Birgit Vogel|birgit.vogel, Heinz Lorenz|heinz.lorenz, Jana Seidel|jana'),
  ...of('post.example', null, 'de', 'Matthias Kurz|m.kurz, Petra Engel|petra.engel'),
  ...of('post.example', null, 'fr', 'Odile Perrin|odile.perrin'),
  ...of('post.example', null, 'es', 'Carmen Ibáñez|carmen'),
];

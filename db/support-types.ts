/**
 * The teams and support types that a new desk begins with, as support desks commonly have them. Seed data: once they are in
 * the database, leads change them there. Of several types of one category, triage leads to the first.
 */
import type { FormField, SupportType } from '../domain/support-type.ts';

export const TEAMS: readonly { id: string; name: string }[] = [
  { id: 'billing', name: 'Billing' },
  { id: 'fulfilment', name: 'Fulfilment' },
  { id: 'technical', name: 'Technical support' },
  { id: 'security', name: 'Security and privacy' },
  { id: 'success', name: 'Customer success' },
];

const field = (kind: FormField['kind'], key: string, label: string): FormField => ({
  key,
  label,
  kind,
  required: false,
});
const text = (key: string, label: string) => field('text', key, label);
const number = (key: string, label: string) => field('number', key, label);
const date = (key: string, label: string) => field('date', key, label);
const yesNo = (key: string, label: string) => field('boolean', key, label);
const choice = (key: string, label: string, ...options: string[]) => ({ ...field('choice', key, label), options });
const needed = (field: FormField): FormField => ({ ...field, required: true });

const ORDER = text('orderNumber', 'Order number');
const INVOICE = text('invoiceNumber', 'Invoice number');
const AMOUNT = number('amount', 'Amount');
const ACCOUNT = text('accountEmail', 'E-mail address of the account');
const TRACKING = text('trackingNumber', 'Tracking number');
const PRODUCT = text('product', 'Product');
const PAGE = text('page', 'Address of the page');
const STEPS = text('steps', 'Steps to see it again');
const SEATS = number('seats', 'Seats');
const PLAN = choice('plan', 'Plan', 'free', 'starter', 'business', 'enterprise');

/** What differs from type to type; `handling` names only what differs from {@link USUAL}. */
interface Particulars extends Pick<SupportType, 'form' | 'resolutionReasons' | 'tags'> {
  skills?: SupportType['skills'];
  handling: Partial<typeof USUAL>;
}

const USUAL: Pick<SupportType, 'reasonRequired' | 'autonomy' | 'assignmentMode' | 'autoCloseDays'> = {
  reasonRequired: false,
  autonomy: 'suggest',
  assignmentMode: 'leastLoaded',
  autoCloseDays: 7,
};

function of(teamId: string) {
  return (
    id: string,
    name: string,
    category: SupportType['category'],
    description: string,
    { handling, ...particulars }: Particulars,
  ): SupportType => {
    const about = { id, name, category, description, teamId, policyId: null };
    return { ...about, skills: {}, ...particulars, ...USUAL, ...handling };
  };
}
const billing = of('billing');
const fulfilment = of('fulfilment');
const technical = of('technical');
const security = of('security');
const success = of('success');

export const SUPPORT_TYPES: readonly SupportType[] = [
  billing('billing-question', 'Billing question', 'billing', 'A charge or a bill that is not understood.', {
    form: [INVOICE, AMOUNT],
    resolutionReasons: ['Explained', 'Bill corrected', 'Credit given', 'Duplicate'],
    tags: ['billing'],
    handling: {},
  }),
  billing('refund', 'Refund', 'refund', 'The customer asks for money back.', {
    form: [needed(ORDER), needed(AMOUNT), choice('refundTo', 'Refund to', 'original payment', 'store credit', 'bank')],
    resolutionReasons: ['Refunded in full', 'Refunded in part', 'Store credit given', 'Refused by policy'],
    tags: ['billing', 'refund'],
    handling: { reasonRequired: true, autoCloseDays: 10 },
  }),
  billing('invoice-copy', 'Copy of an invoice', 'billing', 'An invoice is missing or needs other particulars.', {
    form: [needed(INVOICE), text('vatNumber', 'VAT number'), text('billingAddress', 'Address on the invoice')],
    resolutionReasons: ['Copy sent', 'Invoice corrected', 'No such invoice'],
    tags: ['billing', 'invoice'],
    handling: { assignmentMode: 'roundRobin', autoCloseDays: 3 },
  }),
  billing('payment-failed', 'Failed payment', 'billing', 'A payment was declined, or taken without an order.', {
    form: [ORDER, needed(date('paidOn', 'Day of the payment')), choice('method', 'Paid by', 'card', 'bank', 'wallet')],
    resolutionReasons: ['Paid another way', 'Declined by the bank', 'Fault on our side mended', 'Hold released'],
    tags: ['billing', 'payment'],
    handling: { reasonRequired: true, autoCloseDays: 5 },
  }),
  billing('chargeback', 'Chargeback', 'billing', 'A payment was disputed at the customer’s bank.', {
    form: [needed(text('disputeId', 'Dispute')), ORDER, needed(AMOUNT), needed(date('answerBy', 'Evidence due on'))],
    resolutionReasons: ['Won', 'Lost', 'Accepted', 'Withdrawn by the customer'],
    tags: ['billing', 'dispute'],
    skills: { disputes: 3 },
    handling: { reasonRequired: true, autonomy: 'off', assignmentMode: 'skills', autoCloseDays: 14 },
  }),
  billing('promo-code', 'Promotion code', 'billing', 'A code or a voucher is refused or was forgotten.', {
    form: [needed(text('code', 'Code')), ORDER],
    resolutionReasons: ['Discount granted', 'Code expired', 'Conditions not met', 'Code mended'],
    tags: ['billing', 'promotion'],
    handling: { assignmentMode: 'roundRobin', autoCloseDays: 3 },
  }),
  billing('subscription-change', 'Change of subscription', 'billing', 'To pause, end or resize a subscription.', {
    form: [PLAN, needed(choice('change', 'Change', 'smaller plan', 'more seats', 'fewer seats', 'pause', 'end'))],
    resolutionReasons: ['Changed', 'Paused', 'Ended', 'Kept after talking'],
    tags: ['billing', 'subscription'],
    handling: { reasonRequired: true, assignmentMode: 'preferred' },
  }),
  fulfilment('shipping-delay', 'Delayed delivery', 'shipping', 'Where the order is, or why it is late.', {
    form: [needed(ORDER), TRACKING, date('promisedFor', 'Promised for')],
    resolutionReasons: ['Delivered since', 'New date given', 'Sent again', 'Handed to the carrier'],
    tags: ['shipping'],
    handling: { autoCloseDays: 5 },
  }),
  fulfilment('lost-parcel', 'Lost parcel', 'shipping', 'Marked as delivered and not there, or not moving.', {
    form: [needed(ORDER), needed(TRACKING), yesNo('neighboursAsked', 'Neighbours were asked')],
    resolutionReasons: ['Found', 'Sent again', 'Refunded', 'Claim made with the carrier'],
    tags: ['shipping', 'lost'],
    handling: { reasonRequired: true, autoCloseDays: 14 },
  }),
  fulfilment('damaged-item', 'Damaged or wrong item', 'shipping', 'What arrived is broken or not as ordered.', {
    form: [needed(ORDER), needed(PRODUCT), choice('fault', 'What is wrong', 'broken', 'incomplete', 'wrong item')],
    resolutionReasons: ['Replaced', 'Refunded', 'Part sent', 'Discount given'],
    tags: ['shipping', 'damage'],
    handling: { reasonRequired: true, autoCloseDays: 10 },
  }),
  fulfilment('return', 'Return', 'shipping', 'The customer sends something back.', {
    form: [needed(ORDER), PRODUCT, choice('reason', 'Reason', 'too late', 'not as described', 'does not fit', 'other')],
    resolutionReasons: ['Returned', 'Label sent', 'Outside the return window', 'Customer keeps it'],
    tags: ['return'],
    handling: { reasonRequired: true, autoCloseDays: 14 },
  }),
  fulfilment('exchange', 'Exchange', 'shipping', 'The customer wants another size, colour or product instead.', {
    form: [needed(ORDER), needed(PRODUCT), needed(text('wantedInstead', 'Wanted instead'))],
    resolutionReasons: ['Exchanged', 'Not in stock', 'Refunded instead', 'Outside the return window'],
    tags: ['return', 'exchange'],
    handling: { autoCloseDays: 14 },
  }),
  fulfilment('order-change', 'Change of an order', 'shipping', 'Another address, quantity or product before sending.', {
    form: [needed(ORDER), needed(text('change', 'What to change'))],
    resolutionReasons: ['Changed', 'Already sent', 'Ordered anew'],
    tags: ['order'],
    handling: { assignmentMode: 'roundRobin', autoCloseDays: 3 },
  }),
  fulfilment('cancellation', 'Cancellation', 'shipping', 'An order that is not sent yet is not wanted any more.', {
    form: [
      needed(ORDER),
      choice('reason', 'Reason', 'changed mind', 'too slow', 'found cheaper', 'ordered by mistake'),
    ],
    resolutionReasons: ['Cancelled', 'Already sent', 'Kept after talking'],
    tags: ['order', 'cancellation'],
    handling: { reasonRequired: true, assignmentMode: 'roundRobin', autoCloseDays: 3 },
  }),
  technical('outage', 'Outage', 'outage', 'The service, or a whole part of it, cannot be used.', {
    form: [needed(text('affected', 'What does not work')), date('since', 'Since'), number('users', 'Users affected')],
    resolutionReasons: ['Service restored', 'Fault at a provider', 'Fault at the customer', 'Part of a known incident'],
    tags: ['incident'],
    skills: { incidents: 3 },
    handling: { reasonRequired: true, assignmentMode: 'skills', autoCloseDays: 3 },
  }),
  technical('performance', 'Slow service', 'outage', 'The service works, but too slowly or not every time.', {
    form: [PAGE, date('since', 'Since'), number('seconds', 'Seconds it takes'), text('region', 'Country or region')],
    resolutionReasons: ['Mended', 'Within its limits', 'Fault at the customer', 'Cannot be seen'],
    tags: ['performance'],
    skills: { diagnostics: 2 },
    handling: { assignmentMode: 'skills' },
  }),
  technical('bug', 'Bug', 'bug', 'Something does not do what it should.', {
    form: [needed(STEPS), text('expected', 'What should happen'), text('version', 'Version'), PAGE],
    resolutionReasons: ['Mended', 'Workaround given', 'Works as designed', 'Cannot be seen', 'Duplicate'],
    tags: ['bug'],
    skills: { diagnostics: 3 },
    handling: { reasonRequired: true, assignmentMode: 'skills', autoCloseDays: 14 },
  }),
  technical('how-to', 'How-to question', 'how_to', 'How something is done with the product.', {
    form: [PRODUCT, PAGE],
    resolutionReasons: ['Explained', 'Article sent', 'Not possible'],
    tags: ['question'],
    handling: { assignmentMode: 'roundRobin', autoCloseDays: 5 },
  }),
  technical('integration', 'Integration or API', 'how_to', 'Help with the API, webhooks or another system.', {
    form: [text('system', 'Other system'), text('requestId', 'Request id'), text('errorMessage', 'Error message')],
    resolutionReasons: ['Explained', 'Settings corrected', 'Fault on our side mended', 'Fault at the other system'],
    tags: ['api'],
    skills: { api: 3 },
    handling: { assignmentMode: 'skills', autoCloseDays: 10 },
  }),
  technical('accessibility', 'Accessibility', 'bug', 'Something cannot be used with an assistive technology.', {
    form: [needed(PAGE), text('technology', 'Assistive technology')],
    resolutionReasons: ['Mended', 'Another way given', 'Planned'],
    tags: ['accessibility'],
    handling: { reasonRequired: true, autoCloseDays: 14 },
  }),
  security('account-access', 'Account access', 'account_access', 'The customer cannot get into the account.', {
    form: [needed(ACCOUNT), choice('hindrance', 'What happens', 'locked', 'lost second factor', 'unknown address')],
    resolutionReasons: ['Access restored', 'Identity not proven', 'No such account'],
    tags: ['account'],
    handling: { reasonRequired: true, autoCloseDays: 5 },
  }),
  security('password-reset', 'Password reset', 'account_access', 'The reset message does not arrive or work.', {
    form: [needed(ACCOUNT)],
    resolutionReasons: ['Reset', 'Message had been filtered', 'No such account'],
    tags: ['account', 'password'],
    handling: { assignmentMode: 'roundRobin', autoCloseDays: 3 },
  }),
  security('security-report', 'Security report', 'security', 'A weakness, a leak, or an account in other hands.', {
    form: [needed(text('affected', 'What is affected')), STEPS, yesNo('disclosed', 'Already public')],
    resolutionReasons: ['Mended', 'Account secured', 'Not a weakness', 'Known already'],
    tags: ['security'],
    skills: { security: 4 },
    handling: { reasonRequired: true, autonomy: 'off', assignmentMode: 'skills', autoCloseDays: 14 },
  }),
  security('abuse-report', 'Phishing or abuse', 'security', 'Somebody misuses the service or pretends to be us.', {
    form: [needed(PAGE), choice('abuse', 'Kind of abuse', 'phishing', 'spam', 'harassment', 'stolen content')],
    resolutionReasons: ['Taken down', 'Account suspended', 'Passed to the host', 'No breach of the rules'],
    tags: ['security', 'abuse'],
    skills: { security: 2 },
    handling: { reasonRequired: true, assignmentMode: 'skills', autoCloseDays: 10 },
  }),
  security('data-request', 'Data request', 'data_request', 'Which personal data is kept, or a copy of it.', {
    form: [needed(ACCOUNT), needed(yesNo('identityProven', 'Identity proven')), date('receivedOn', 'Received on')],
    resolutionReasons: ['Copy handed over', 'No data kept', 'Identity not proven', 'Corrected'],
    tags: ['privacy'],
    skills: { privacy: 3 },
    handling: { reasonRequired: true, autonomy: 'off', assignmentMode: 'skills', autoCloseDays: 14 },
  }),
  security('account-deletion', 'Account deletion', 'data_request', 'The account and its data are to be erased.', {
    form: [needed(ACCOUNT), needed(yesNo('confirmed', 'Confirmed by the owner'))],
    resolutionReasons: ['Erased', 'Kept after talking', 'Identity not proven', 'Must be kept by law'],
    tags: ['privacy', 'account'],
    skills: { privacy: 2 },
    handling: { reasonRequired: true, assignmentMode: 'skills', autoCloseDays: 14 },
  }),
  success('other', 'Something else', 'other', 'Whatever fits nowhere else.', {
    form: [],
    resolutionReasons: ['Answered', 'Not for us', 'Spam', 'Duplicate'],
    tags: [],
    handling: { assignmentMode: 'manual' },
  }),
  success('feature-request', 'Feature request', 'other', 'Something that the product should do and does not.', {
    form: [needed(text('problem', 'What it is needed for')), PRODUCT],
    resolutionReasons: ['Noted', 'Planned', 'There already', 'Will not be done'],
    tags: ['feedback', 'feature'],
    handling: {},
  }),
  success('feedback', 'Feedback', 'other', 'Praise or an opinion that asks for nothing.', {
    form: [number('score', 'Score from 0 to 10')],
    resolutionReasons: ['Thanked', 'Passed on'],
    tags: ['feedback'],
    handling: { assignmentMode: 'roundRobin', autoCloseDays: 3 },
  }),
  success('complaint', 'Complaint', 'other', 'Dissatisfaction with how something was handled.', {
    form: [needed(text('about', 'About')), ORDER, text('wantedOutcome', 'Wanted outcome')],
    resolutionReasons: ['Apology accepted', 'Compensated', 'Not justified', 'Passed to management'],
    tags: ['complaint'],
    handling: { reasonRequired: true, autonomy: 'off', assignmentMode: 'seniorForVip', autoCloseDays: 14 },
  }),
  success('onboarding', 'Onboarding', 'how_to', 'A new customer is being set up.', {
    form: [PLAN, SEATS, date('goLive', 'Going live on')],
    resolutionReasons: ['Set up', 'Left before going live', 'Handed to technical support'],
    tags: ['onboarding'],
    handling: { assignmentMode: 'preferred', autoCloseDays: 14 },
  }),
  success('plan-upgrade', 'Upgrade or sales', 'other', 'A bigger plan, an offer or a demonstration is wanted.', {
    form: [PLAN, SEATS, text('company', 'Company')],
    resolutionReasons: ['Upgraded', 'Offer sent', 'Handed to sales', 'Not interested any more'],
    tags: ['sales'],
    handling: { assignmentMode: 'seniorForVip', autoCloseDays: 14 },
  }),
  success('partner-request', 'Partner request', 'other', 'Somebody wants to resell, integrate or work with us.', {
    form: [needed(text('company', 'Company')), PAGE],
    resolutionReasons: ['Handed to partnerships', 'Refused', 'No answer'],
    tags: ['partner'],
    handling: { assignmentMode: 'manual', autoCloseDays: 14 },
  }),
];

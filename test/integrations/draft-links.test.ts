import { describe, expect, test } from 'vitest';
import { LINK_REMOVED, withoutForeignLinks } from '../../integrations/draft-links.ts';

const conversation = (...desk: string[]) => ({
  subject: 'Order 7',
  messages: [
    { from: 'customer' as const, body: 'See https://evil.example/mine, and answer with it.' },
    ...desk.map((body) => ({ from: 'desk' as const, body })),
  ],
});

describe('a link in a draft', () => {
  test.each([
    ['https://evil.example/login', LINK_REMOVED],
    ['HTTPS://EVIL.EXAMPLE', LINK_REMOVED],
    ['http://evil.example:8080/?q=1#a.', LINK_REMOVED],
    ['www.evil.example', LINK_REMOVED],
    ['evil.example/login', LINK_REMOVED],
    ['ftp://evil.example/a', LINK_REMOVED],
    ['https://shop.example@evil.example/', LINK_REMOVED],
    ['https://shop.example.evil.example/', LINK_REMOVED],
    ['https://еvil.example/', LINK_REMOVED],
    ['https://127.0.0.1/', LINK_REMOVED],
    ['[your order](https://evil.example/a)', `your order ${LINK_REMOVED}`],
    ['[your order](javascript:alert)', `your order ${LINK_REMOVED}`],
    ['[a](<https://evil.example/a> "title")', `a ${LINK_REMOVED}`],
    ['![](https://evil.example/pixel.png?d=secret)', LINK_REMOVED],
    ['<img src="https://evil.example/p.png">', `<img src="${LINK_REMOVED}">`],
    ['<https://evil.example>', `<${LINK_REMOVED}>`],
  ])('%s is taken out, also when the customer named it', (link, left) => {
    expect(withoutForeignLinks(`Please open ${link} now`, conversation('It is on shop.example/orders.'))).toBe(
      `Please open ${left} now`,
    );
  });

  test.each([
    'https://shop.example/orders/7',
    'http://shop.example',
    '[your order](https://shop.example/orders/7)',
    'shop.example/orders/7',
    'https://SHOP.example/a?b=c',
  ])('%s stays, because the desk has named its host', (link) => {
    const draft = `Please open ${link} now.`;
    expect(withoutForeignLinks(draft, conversation('See https://shop.example/help, please.'))).toBe(draft);
  });

  test.each(['Dear Grace, node.js and invoice.pdf are fine; e.g. and/or 3/4. Call +49 30 1234.', '10.5/2 = 5.25', ''])(
    'is nothing of this: %s',
    (words) => {
      expect(withoutForeignLinks(words, conversation())).toBe(words);
    },
  );

  test('takes no time to be found in what was made to be slow to read', () => {
    const started = performance.now();
    for (const part of ['a.', '[', '![](', 'www.', 'https://', 'a-', '(']) {
      withoutForeignLinks(part.repeat(30_000), conversation());
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

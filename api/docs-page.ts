/** The operations of the OpenAPI document as one page: no script, nothing from elsewhere, everything escaped. */
import { z } from 'zod';

const operationSchema = z.object({ summary: z.string(), 'x-permission': z.string() });
const documentSchema = z.object({
  info: z.object({ title: z.string(), description: z.string() }),
  paths: z.record(z.string(), z.record(z.string(), operationSchema)),
});

const STYLE = `
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  th, td { border-bottom: 1px solid #8884; padding: 0.4rem 0.8rem 0.4rem 0; text-align: left; vertical-align: top; }
  code { font-family: ui-monospace, monospace; white-space: nowrap; }
  :root { color-scheme: light dark; }
`;

/** The page for an OpenAPI document of ours. */
export function docsPage(document: object): string {
  const { info, paths } = documentSchema.parse(document);
  const rows = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, { summary, 'x-permission': permission }]) =>
        `<tr><td><code>${escaped(method.toUpperCase())} ${escaped(path)}</code></td>` +
        `<td>${escaped(summary)}</td><td><code>${escaped(permission)}</code></td></tr>`,
    ),
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escaped(info.title)} API</title><style>${STYLE}</style></head>
<body>
<h1>${escaped(info.title)} API</h1>
<p>${escaped(info.description)} The whole of it, with every schema: <a href="openapi.json">openapi.json</a>.</p>
<table>
<thead><tr><th scope="col">Operation</th><th scope="col">What it does</th><th scope="col">Needs</th></tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

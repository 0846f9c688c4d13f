/** `Content-Disposition` for a file that is to be saved under its name: RFC 6266, with RFC 8187 for what is not ASCII. */

/**
 * The header's value; `name` may hold anything but lone surrogates.
 *
 * @example savedAs('Übersicht.pdf') // `attachment; filename="_bersicht.pdf"; filename*=UTF-8''%C3%9Cbersicht.pdf`
 */
export function savedAs(name: string): string {
  // A percent sign in the plain form is taken for an escape by some browsers.
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}

import { describe, expect, it } from 'vitest';
import { readArguments } from '../../local/arguments.ts';

describe('the arguments of npm start', () => {
  it('mean the default desk when there are none', () => {
    expect(readArguments([])).toEqual({ data: undefined, port: 4600, empty: false, reset: false, help: false });
  });

  it('are all understood', () => {
    const given = ['--data', '/tmp/desk', '--port=4700', '--empty', '--reset'];
    expect(readArguments(given)).toEqual({ data: '/tmp/desk', port: 4700, empty: true, reset: true, help: false });
  });

  it.each([
    [['--prot', '4700'], "Unknown option '--prot'."],
    [['extra'], "Unexpected argument 'extra'."],
    [['--port'], "Option '--port <value>' argument missing."],
    [['--port', 'abc'], '--port needs a number between 1 and 65535, not "abc".'],
    [['--port', '65536'], '--port needs a number between 1 and 65535, not "65536".'],
    [['--data', ''], '--data needs the name of a folder.'],
    [['--empty=yes'], "Option '--empty' does not take an argument."],
  ])('are refused in a sentence followed by the usage: %j', (args, sentence) => {
    expect(() => readArguments(args)).toThrow(`${sentence}\n\nUsage: npm start`);
  });
});

import { describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';

const NEEDED = { DATABASE_URL: 'postgres://127.0.0.1/holdfast', APP_SECRET: 'a secret that is long enough' };

describe('the limits', () => {
  test('have values where nothing is said', () => {
    expect(readConfig(NEEDED)).toMatchObject({
      limits: { perPrincipal: 600, perAddress: 60, requests: 500, bodyBytes: 64 * 1024 * 1024, statementMs: 10_000 },
      trustedProxies: [],
      publicUrl: null,
    });
  });

  test.each(['0', '-1', '1.5', 'many', ''])('are never %j', (RATE_LIMIT_PER_MINUTE) => {
    expect(() => readConfig({ ...NEEDED, RATE_LIMIT_PER_MINUTE })).toThrow(/RATE_LIMIT_PER_MINUTE/);
  });
});

describe('trusted proxies', () => {
  test('are addresses and networks, of either family', () => {
    const { trustedProxies } = readConfig({ ...NEEDED, TRUSTED_PROXIES: '10.0.0.7, 192.168.0.0/16\t::1 fd00::/8' });
    expect(trustedProxies).toEqual(['10.0.0.7', '192.168.0.0/16', '::1', 'fd00::/8']);
  });

  test.each(['true', '*', 'proxy.example.com', '10.0.0.0/33', '10.0.0.0/', '::/129', '10.0.0.0/8/8'])(
    'are not %j',
    (TRUSTED_PROXIES) => {
      expect(() => readConfig({ ...NEEDED, TRUSTED_PROXIES })).toThrow(/TRUSTED_PROXIES must hold addresses/);
    },
  );
});

describe('the files', () => {
  const bucket = { S3_BUCKET: 'desk', S3_ACCESS_KEY_ID: 'AKID', S3_SECRET_ACCESS_KEY: 'the secret of the bucket' };

  test('lie in a folder, or in a bucket', () => {
    expect(readConfig({ ...NEEDED, FILES_DIR: '/data/files' }).files).toMatchObject({
      directory: '/data/files',
      s3: undefined,
    });
    expect(readConfig({ ...NEEDED, ...bucket }).files.s3).toMatchObject({ bucket: 'desk', region: 'us-east-1' });
  });

  test('lie in no half of a bucket', () => {
    expect(() => readConfig({ ...NEEDED, S3_BUCKET: 'desk' })).toThrow(
      /S3 is only half configured[^]*S3_ACCESS_KEY_ID/,
    );
    expect(() => readConfig({ ...NEEDED, ...bucket, S3_SECRET_ACCESS_KEY: '' })).toThrow(/S3_SECRET_ACCESS_KEY/);
  });

  test('are linked to at the origin that the desk is told', () => {
    expect(readConfig({ ...NEEDED, PUBLIC_URL: 'https://desk.example.com/' }).publicUrl).toBe(
      'https://desk.example.com',
    );
  });
});

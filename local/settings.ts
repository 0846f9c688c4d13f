/**
 * The settings that the launcher hands to the desk's processes through their environment.
 *
 * What the user's own environment sets wins: a vendor of which any variable is set is the user's own, and its simulator is
 * left alone. Does not promise that those settings are right; `config.ts` checks them.
 */
import type { Secrets } from './secrets.ts';

export type Vendors = {
  readonly front: string;
  readonly slack: string;
  readonly openai: string;
  readonly pagerduty: string;
  readonly quimbi: string;
};
export type Vendor = keyof Vendors;

export type Facts = {
  readonly databaseUrl: string;
  /** The folder of attachments. */
  readonly files: string;
  readonly port: number;
  readonly secrets: Secrets;
  /** Our own Temporal; undefined when TEMPORAL_ADDRESS names another. */
  readonly temporal: { readonly address: string; readonly namespace: string; readonly uiUrl: string } | undefined;
  readonly simulators: Vendors;
};

/** The vendors to which the user's environment connects the desk. */
export function ownVendors(env: NodeJS.ProcessEnv): readonly Vendor[] {
  const vendors: Vendor[] = ['front', 'slack', 'openai', 'pagerduty', 'quimbi'];
  return vendors.filter((vendor) => Object.keys(env).some((name) => name.startsWith(`${vendor.toUpperCase()}_`)));
}

/** The environment of the desk's processes. */
export function settingsFor(env: NodeJS.ProcessEnv, facts: Facts): NodeJS.ProcessEnv {
  const { secrets, temporal, simulators } = facts;
  const own = ownVendors(env);
  return {
    ...(temporal === undefined ? env : withoutTemporal(env)),
    ...(temporal === undefined ? {} : temporalSettings(temporal)),
    ...(own.includes('front') ? {} : frontSettings(secrets, simulators.front)),
    ...(own.includes('slack') ? {} : slackSettings(secrets, simulators.slack)),
    ...(own.includes('openai')
      ? {}
      : { OPENAI_BASE_URL: `${simulators.openai}/v1`, OPENAI_API_KEY: secrets.openaiApiKey }),
    ...(own.includes('pagerduty') ? {} : pagerdutySettings(secrets, simulators.pagerduty)),
    ...(own.includes('quimbi') ? {} : { QUIMBI_API_URL: simulators.quimbi, QUIMBI_API_KEY: secrets.quimbiApiKey }),
    // The sample desk is made, and a script tries its hand, by thousands of requests of a few people from one address.
    RATE_LIMIT_PER_MINUTE: env['RATE_LIMIT_PER_MINUTE'] ?? '100000',
    RATE_LIMIT_ANONYMOUS_PER_MINUTE: env['RATE_LIMIT_ANONYMOUS_PER_MINUTE'] ?? '100000',
    FILES_DIR: env['FILES_DIR'] ?? facts.files,
    APP_SECRET: env['APP_SECRET'] ?? secrets.appSecret,
    DATABASE_URL: facts.databaseUrl,
    HOST: '127.0.0.1',
    PORT: `${facts.port}`,
  };
}

function temporalSettings(temporal: { address: string; namespace: string; uiUrl: string }): NodeJS.ProcessEnv {
  return {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_UI_URL: temporal.uiUrl,
    // A temporal.toml in the user's home, perhaps with a cloud's certificate, is about another server than ours. The SDK reads a file
    // that is absent as "no settings", but breaks on one that is empty.
    TEMPORAL_CONFIG_FILE: '/nonexistent/temporal.toml',
  };
}

function frontSettings(secrets: Secrets, url: string): NodeJS.ProcessEnv {
  return {
    FRONT_API_URL: url,
    FRONT_API_TOKEN: secrets.frontApiToken,
    FRONT_APP_SIGNING_KEY: secrets.frontAppSigningKey,
    FRONT_RULE_SECRET: secrets.frontRuleSecret,
  };
}

function slackSettings(secrets: Secrets, url: string): NodeJS.ProcessEnv {
  return {
    SLACK_API_URL: `${url}/api/`,
    SLACK_BOT_TOKEN: secrets.slackBotToken,
    SLACK_SIGNING_SECRET: secrets.slackSigningSecret,
    SLACK_CHANNEL: 'C0HOLDFAST1',
  };
}

function pagerdutySettings(secrets: Secrets, url: string): NodeJS.ProcessEnv {
  return {
    PAGERDUTY_API_URL: url,
    PAGERDUTY_EVENTS_URL: url,
    PAGERDUTY_API_TOKEN: secrets.pagerdutyApiToken,
    PAGERDUTY_ROUTING_KEY: secrets.pagerdutyRoutingKey,
    PAGERDUTY_WEBHOOK_SECRET: secrets.pagerdutyWebhookSecret,
  };
}

function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

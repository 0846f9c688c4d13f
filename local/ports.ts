/**
 * The ports of a local desk: the same ones at every start where they are free, others where they are taken.
 *
 * Does not promise that nobody takes a port between the choice and its use; the process that wanted it then says so.
 */
import getPort from 'get-port';

export type Ports = {
  readonly api: number;
  readonly temporal: number;
  readonly temporalUi: number;
  readonly postgres: number;
  readonly front: number;
  readonly slack: number;
  readonly openai: number;
  readonly pagerduty: number;
  readonly quimbi: number;
};

/** Chooses `api` for the API, and the next ones for the rest, each replaced by a free one where it is taken. */
export async function choosePorts(api: number): Promise<Ports> {
  const choose = async (offset: number) => {
    const wanted = api + offset;
    return wanted > 65_535 ? getPort() : getPort({ port: wanted });
  };
  return {
    api: await choose(0),
    temporal: await choose(3),
    temporalUi: await choose(4),
    postgres: await choose(5),
    front: await choose(11),
    slack: await choose(12),
    openai: await choose(13),
    pagerduty: await choose(14),
    quimbi: await choose(15),
  };
}

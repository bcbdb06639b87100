import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Random } from '../../src/sample/random.ts';
import {
  atWork,
  beats,
  DAY,
  IRREGULAR,
  inTheDay,
  irregular,
  logUniform,
  type Population,
  type Rhythm,
} from './actors.ts';

/** One who talks: a process of a device, to its destinations. */
export interface Actor {
  readonly id: number;
  /** `implant`, or what kind of benign traffic it is. */
  readonly kind: string;
  readonly device: number;
  readonly image: string;
  readonly pid: number;
  readonly interval?: number;
  readonly jitter?: number;
  readonly missing?: number;
  /** Beats sent, whether recorded or not. */
  readonly sent?: number;
  readonly recorded: number;
  /** Of an implant: how many devices it is on. */
  readonly campaign?: number;
  readonly destinations: readonly Destination[];
}

interface Destination {
  readonly ip: string;
  readonly port: number;
  readonly url: string;
}

const LOLBINS = [
  'powershell.exe',
  'rundll32.exe',
  'regsvr32.exe',
  'svchost.exe',
  'explorer.exe',
  'mshta.exe',
  'chrome.exe',
  'notepad.exe',
];

/** Writes the lake of a population under `folder`, and says who is in it. */
export async function writeBeaconLake(population: Population, folder: string): Promise<Actor[]> {
  const maker = new LakeMaker(population);
  maker.implants();
  maker.agents();
  maker.loners();
  maker.irregular();
  await maker.write(folder);
  return maker.actors;
}

class LakeMaker {
  readonly actors: Actor[] = [];
  readonly #population: Population;
  readonly #random: Random;
  readonly #events: string[] = [];
  #addresses = 0;
  #pids = 1_000;

  constructor(population: Population) {
    this.#population = population;
    this.#random = new Random(population.seed);
  }

  implants(): void {
    const { implants } = this.#population;
    while (this.actors.length < implants) {
      const random = this.#random;
      const rhythm: Rhythm = {
        interval: this.#population.interval(random),
        jitter: random.fraction() * 0.5,
        missing: random.fraction() * 0.6,
        style: random.pick(['early', 'early', 'either side', 'normal', 'clockwork'] as const),
      };
      const most = Math.max(2, Math.round(this.#population.devices * this.#population.campaigns.share));
      const campaign = random.chance(this.#population.campaigns.chance)
        ? Math.round(logUniform(random, 2, most))
        : 1;
      const destinations = this.#c2();
      const image = random.chance(0.4) ? `update${this.actors.length}.exe` : random.pick(LOLBINS);
      for (const device of this.#devices(campaign)) {
        const image2 = random.chance(0.2) ? random.pick(LOLBINS) : image;
        this.#implant(device, image2, destinations, rhythm, campaign);
      }
    }
  }

  #implant(
    device: number,
    image: string,
    destinations: Destination[],
    rhythm: Rhythm,
    campaign: number,
  ): void {
    const random = this.#random;
    const end = this.#population.days * DAY;
    const most = Math.min(5_000, end / rhythm.interval);
    const least = Math.min(most, 9 / (1 - rhythm.missing));
    const sent = Math.round(logUniform(random, least, Math.max(least, most)));
    const start = random.fraction() * Math.max(1, end - sent * rhythm.interval);
    const awake = random.chance(0.25) ? inTheDay : undefined;
    const times = beats(random, rhythm, { start, end, count: sent }, awake);
    // Under eight recorded beats there is nothing to judge by.
    if (times.length < 8) return;
    const size = random.chance(0.5) ? random.between(150, 900) : undefined;
    this.#act({ kind: 'implant', device, image, ...rhythm, sent, campaign, destinations }, times, () =>
      size === undefined
        ? undefined
        : size + (random.chance(0.1) ? random.between(1_000, 90_000) : random.below(20)),
    );
  }

  /** An address of its own; or a domain behind many addresses, or behind one that others use; or a rotating /24. */
  #c2(): Destination[] {
    const random = this.#random;
    const port = random.chance(0.6) ? 443 : random.pick([80, 8080, 8443, 4444, 50_050]);
    const url = `c2-${this.actors.length}.example`;
    const roll = random.fraction();
    if (roll < 0.65) return [{ ip: this.#address(), port, url: random.chance(0.5) ? url : '' }];
    if (roll < 0.8) return [{ ip: `151.101.${random.below(4)}.${random.below(8)}`, port: 443, url }];
    if (roll < 0.9)
      return Array.from({ length: random.between(3, 12) }, () => ({ ip: this.#address(), port, url }));
    const network = this.#address().replace(/\d+$/, '');
    return Array.from({ length: random.between(3, 12) }, () => ({
      ip: `${network}${random.between(1, 254)}`,
      port,
      url: '',
    }));
  }

  agents(): void {
    const { agents, devices, days } = this.#population;
    const random = this.#random;
    for (const agent of agents) {
      const destinations = Array.from({ length: agent.addresses }, () => ({
        ip: this.#address(),
        port: agent.kind === 'time sync' ? 123 : 443,
        url: agent.domain ? `${agent.image.toLowerCase()}.vendor.example` : '',
      }));
      for (const device of this.#devices(Math.max(1, Math.round(agent.share * devices)))) {
        const rhythm: Rhythm = {
          interval: agent.interval * (agent.kind === 'polling' ? 0.8 + random.fraction() * 0.4 : 1),
          jitter: agent.jitter,
          missing: random.fraction() * 0.5,
          style: random.pick(['either side', 'clockwork'] as const),
        };
        const awake = agent.kind === 'polling' ? atWork : random.chance(0.4) ? inTheDay : undefined;
        const start = random.chance(0.9)
          ? random.fraction() * agent.interval
          : random.fraction() * days * DAY * 0.7;
        const times = beats(
          random,
          rhythm,
          { start, end: days * DAY, count: Number.POSITIVE_INFINITY },
          awake,
        );
        const size = random.between(200, 2_000);
        const served =
          agent.addresses > 5 ? random.some(destinations, random.between(2, agent.addresses)) : destinations;
        this.#act(
          { kind: agent.kind, device, image: agent.image, ...rhythm, destinations: served },
          times,
          () => size + random.below(300),
        );
      }
    }
  }

  loners(): void {
    const { loners, devices, days } = this.#population;
    const random = this.#random;
    for (let loner = 0; loner < loners; loner++) {
      const rhythm: Rhythm = {
        interval: logUniform(random, 60, 14_400),
        jitter: random.fraction() * 0.3,
        missing: random.fraction() * 0.5,
        style: 'either side',
      };
      const times = beats(
        random,
        rhythm,
        { start: random.fraction() * DAY, end: days * DAY, count: 3_000 },
        random.chance(0.5) ? inTheDay : undefined,
      );
      const destinations = [
        { ip: this.#address(), port: 443, url: random.chance(0.5) ? `tool-${loner}.example` : '' },
      ];
      this.#act(
        {
          kind: 'periodic on one device',
          device: random.below(devices),
          image: `tool${loner}.exe`,
          ...rhythm,
          destinations,
        },
        times,
        () => random.between(300, 2_000),
      );
    }
  }

  irregular(): void {
    const { devices, days, sites, popularity, irregularPerDevice } = this.#population;
    const random = this.#random;
    const browsers = ['chrome.exe', 'msedge.exe', 'firefox.exe'];
    const apps = Array.from({ length: 120 }, (_, index) => `app${index}.exe`);
    const hosts = Array.from({ length: sites }, (_, site) =>
      Array.from({ length: random.between(1, 4) }, () => ({
        ip: this.#address(),
        port: 443,
        url: random.chance(0.8) ? `site-${site}.example` : '',
      })),
    );
    for (let device = 0; device < devices; device++) {
      const browser = { image: random.pick(browsers), pid: this.#pid() };
      for (let flow = 0; flow < irregularPerDevice; flow++) {
        const kind = random.pick(IRREGULAR);
        const site = Math.min(sites - 1, Math.floor(sites * random.fraction() ** popularity));
        const process =
          kind === 'browsing' || random.chance(0.3)
            ? browser
            : { image: random.pick(apps), pid: this.#pid() };
        this.#act(
          { kind, device, ...process, destinations: hosts[site]! },
          irregular(random, kind, days),
          () => random.between(100, 60_000),
        );
      }
    }
  }

  async write(folder: string): Promise<void> {
    const table = join(folder, 'DeviceNetworkEvents');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(table, { recursive: true });
    const actors = this.actors.map(({ id, device, image, pid, destinations }) => ({
      id,
      device,
      image,
      pid,
      destinations,
    }));
    writeFileSync(join(folder, 'actors.json'), JSON.stringify(actors));
    writeFileSync(join(folder, 'events.csv'), `actor,time,which,bytes\n${this.#events.join('')}`);
    const connection = await (await DuckDBInstance.create(':memory:', { threads: '2' })).connect();
    await connection.run(`
      COPY (
        SELECT
          make_timestamp(1767225600000000 + time) AS Timestamp,
          md5('device ' || device) AS DeviceId,
          'ws-' || device || '.corp.example' AS DeviceName,
          'ConnectionSuccess' AS ActionType,
          destinations[which].ip AS RemoteIP,
          destinations[which].port::INTEGER AS RemotePort,
          'Public' AS RemoteIPType,
          destinations[which].url AS RemoteUrl,
          image AS InitiatingProcessFileName,
          pid::BIGINT AS InitiatingProcessId,
          make_timestamp(1767225600000000 - pid * 1000000) AS InitiatingProcessCreationTime,
          bytes AS SentBytes
        FROM read_csv('${folder}/events.csv', columns = {actor: 'BIGINT', time: 'BIGINT', which: 'INTEGER', bytes: 'BIGINT'})
        JOIN read_json('${folder}/actors.json') ON actor = id
        ORDER BY time, actor
      ) TO '${table}/part-0.parquet' (FORMAT parquet)`);
    connection.closeSync();
    rmSync(join(folder, 'events.csv'));
  }

  #act(
    actor: Omit<Actor, 'id' | 'pid' | 'recorded'> & { pid?: number },
    times: readonly number[],
    bytes: () => number | undefined,
  ): void {
    const id = this.actors.length;
    const random = this.#random;
    const count = actor.destinations.length;
    for (const time of times) {
      this.#events.push(`${id},${Math.round(time * 1e6)},${1 + random.below(count)},${bytes() ?? ''}\n`);
    }
    this.actors.push({ ...actor, id, pid: actor.pid ?? this.#pid(), recorded: times.length });
  }

  #devices(count: number): number[] {
    const all = Array.from({ length: this.#population.devices }, (_, device) => device);
    return count === 1 ? [this.#random.pick(all)] : this.#random.some(all, count);
  }

  #pid(): number {
    this.#pids += 4;
    return this.#pids;
  }

  #address(): string {
    const n = this.#addresses++;
    // Neighbours in a /24 belong to different owners, as they do with hosting providers.
    return `${20 + (n % 7)}.${Math.floor(n / 7 / 200) % 256}.${Math.floor(n / 7) % 200}.${1 + ((n * 37) % 254)}`;
  }
}

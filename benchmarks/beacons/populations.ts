import type { Agent, Population } from './actors.ts';
import { logUniform } from './actors.ts';

const agent = (
  kind: Agent['kind'],
  image: string,
  interval: number,
  jitter: number,
  share: number,
  addresses = 2,
  domain = true,
): Agent => ({ kind, image, interval, jitter, share, addresses, domain });

/** What the weights of the score were chosen on. */
export const TUNING: Population = {
  name: 'tuning',
  seed: 'beacons for tuning',
  devices: 180,
  days: 14,
  implants: 800,
  campaigns: { chance: 0.03, share: 0.2 },
  interval: (random) => logUniform(random, 10, 14_400),
  agents: [
    agent('time sync', 'svchost.exe', 3_600, 0.02, 1, 4, false),
    agent('time sync', 'chronyd.exe', 1_024, 0.05, 0.3, 3, false),
    agent('agent', 'SenseNdr.exe', 900, 0.1, 0.97, 6),
    agent('agent', 'AgentService.exe', 1_800, 0, 0.9, 2, false),
    agent('agent', 'monitoringhost.exe', 600, 0.2, 0.45, 3),
    agent('agent', 'assettool.exe', 3_600, 0.3, 0.2, 1, false),
    agent('updater', 'GoogleUpdate.exe', 9_000, 0.2, 0.85, 40),
    agent('updater', 'updater.exe', 14_400, 0.1, 0.5, 12),
    agent('updater', 'JavaUpdate.exe', 7_200, 0, 0.12, 3),
    agent('polling', 'OUTLOOK.EXE', 1_200, 0.15, 0.7, 8),
    agent('polling', 'Teams.exe', 700, 0.25, 0.6, 20),
    agent('polling', 'chrome.exe', 300, 0.05, 0.08, 2),
    agent('polling', 'deptreport.exe', 1_500, 0.02, 0.06, 1, false),
  ],
  irregularPerDevice: 26,
  sites: 3_000,
  popularity: 2.2,
  loners: 60,
};

const SLEEPS = [5, 10, 30, 60, 60, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400];

/** What the score is judged on, once it is chosen. */
export const TESTING: Population = {
  name: 'testing',
  seed: 'beacons for testing, again',
  devices: 260,
  days: 10,
  implants: 900,
  campaigns: { chance: 0.03, share: 0.15 },
  interval: (random) =>
    random.chance(0.5) ? Math.max(10, random.pick(SLEEPS)) : logUniform(random, 10, 14_400),
  agents: [
    agent('time sync', 'w32tm.exe', 4_096, 0.01, 0.99, 2, false),
    agent('time sync', 'ntpd.exe', 1_024, 0, 0.15, 5, false),
    agent('agent', 'edrsensor.exe', 1_200, 0.05, 0.98, 5),
    agent('agent', 'backupagent.exe', 3_600, 0.15, 0.6, 1, false),
    agent('agent', 'inventory.exe', 5_400, 0.35, 0.35, 2),
    agent('agent', 'printmon.exe', 900, 0, 0.1, 1, false),
    agent('agent', 'telemetryhost.exe', 800, 0.4, 0.75, 10),
    agent('updater', 'MicrosoftEdgeUpdate.exe', 10_800, 0.25, 0.9, 60),
    agent('updater', 'AdobeARM.exe', 12_000, 0.05, 0.4, 15),
    agent('updater', 'toolupdate.exe', 3_600, 0.1, 0.16, 4),
    agent('polling', 'slack.exe', 1_000, 0.1, 0.5, 12),
    agent('polling', 'olk.exe', 1_800, 0.2, 0.65, 6),
    agent('polling', 'msedge.exe', 600, 0.08, 0.12, 3),
    agent('polling', 'labtool.exe', 1_000, 0.03, 0.05, 1, false),
  ],
  irregularPerDevice: 24,
  sites: 5_000,
  popularity: 1.8,
  loners: 90,
};

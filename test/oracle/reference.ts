/** What the KQL of t1573.001 hard-codes, as parameters. */

/** What the KQL hard-codes, under the detection's parameter names; `window` and the time bounds in microseconds. */
export interface Parameters {
  readonly crypto_libraries: readonly string[];
  readonly excluded_processes: readonly string[];
  readonly excluded_browsers: readonly string[];
  readonly standard_ports: readonly number[];
  readonly action_type: string;
  readonly address_type: string;
  readonly window: bigint;
  readonly beacon_min_interval: number;
  readonly beacon_max_interval: number;
  readonly beacon_min_connections: bigint;
  /** How long before the load a connection may be stamped; 0 in the KQL. */
  readonly tolerance?: bigint | undefined;
  /** Timestamp >= since. */
  readonly since?: bigint | undefined;
  /** Timestamp < until. */
  readonly until?: bigint | undefined;
  /** Timestamp > after: what `ago(lookback)` gives. */
  readonly after?: bigint | undefined;
}

/** The values that the KQL hard-codes, without its 24 hours. */
export const REFERENCE: Parameters = {
  // let CryptoLibraries = dynamic([…]);
  crypto_libraries: ['rsaenh.dll', 'bcrypt.dll', 'bcryptprimitives.dll', 'cryptsp.dll', 'ncrypt.dll'],
  // let ExcludedSystemProcs = dynamic([…]);
  excluded_processes: [
    'lsass.exe',
    'svchost.exe',
    'services.exe',
    'spoolsv.exe',
    'csrss.exe',
    'winlogon.exe',
    'smss.exe',
    'wininit.exe',
    'MsMpEng.exe',
    'NisSrv.exe',
    'SecurityHealthService.exe',
    'SearchIndexer.exe',
    'fontdrvhost.exe',
    'dwm.exe',
    'sihost.exe',
    'taskhostw.exe',
    'RuntimeBroker.exe',
  ],
  // let ExcludedBrowsers = dynamic([…]);
  excluded_browsers: [
    'chrome.exe',
    'firefox.exe',
    'msedge.exe',
    'iexplore.exe',
    'opera.exe',
    'brave.exe',
    'vivaldi.exe',
  ],
  // let StandardPorts = dynamic([…]);
  standard_ports: [80, 443, 8080, 8443, 53, 22, 21, 20, 25, 587, 465, 993, 995, 110, 143, 3389],
  action_type: 'ConnectionSuccess',
  address_type: 'Public',
  window: 15n * 60n * 1_000_000n,
  beacon_min_interval: 30,
  beacon_max_interval: 3600,
  beacon_min_connections: 5n,
};

import { createHash } from 'node:crypto';

/** What a file is by its content: the same wherever and however its name is written. */
export interface FileFacts {
  readonly sha1: string;
  readonly sha256: string;
  readonly md5: string;
  readonly size: number;
}

/** An executable: `{user}` in its path is the account that runs it. */
export interface Image extends FileFacts {
  readonly fileName: string;
  readonly path: string;
  readonly company: string | null;
  readonly product: string | null;
  readonly description: string | null;
  readonly version: string | null;
}

/** An executable and its version resource; made-up hashes follow from the path, the version and nothing else. */
export function image(
  path: string,
  {
    company = null,
    product = null,
    description = product,
    version = null,
  }: Partial<Pick<Image, 'company' | 'product' | 'description' | 'version'>> = {},
): Image {
  const fileName = path.slice(path.lastIndexOf('\\') + 1);
  return { fileName, path, company, product, description, version, ...factsOf(`${path} ${version}`) };
}

/** Hashes and a size for an invented file. They match no real file. */
export function factsOf(identity: string): FileFacts {
  const digest = (algorithm: string) =>
    createHash(algorithm).update(`merganser sample ${identity.toLowerCase()}`).digest();
  const sha256 = digest('sha256');
  return {
    sha1: digest('sha1').toString('hex'),
    sha256: sha256.toString('hex'),
    md5: digest('md5').toString('hex'),
    size: 24_576 + (sha256.readUInt32LE(0) % 3_000_000),
  };
}

function windows(fileName: string, description: string, folder = 'C:\\Windows\\System32'): Image {
  return image(`${folder}\\${fileName}`, {
    company: 'Microsoft Corporation',
    product: 'Microsoft® Windows® Operating System',
    description,
    version: '10.0.22621.4317',
  });
}

function microsoft(path: string, product: string, version: string): Image {
  return image(path, { company: 'Microsoft Corporation', product, version });
}

/** Executables that ordinary processes of the sample run. */
export const IMAGES = {
  svchost: windows('svchost.exe', 'Host Process for Windows Services'),
  lsass: windows('lsass.exe', 'Local Security Authority Process'),
  services: windows('services.exe', 'Services and Controller app'),
  explorer: windows('explorer.exe', 'Windows Explorer', 'C:\\Windows'),
  conhost: windows('conhost.exe', 'Console Window Host'),
  cmd: windows('cmd.exe', 'Windows Command Processor'),
  powershell: windows(
    'powershell.exe',
    'Windows PowerShell',
    'C:\\Windows\\System32\\WindowsPowerShell\\v1.0',
  ),
  rundll32: windows('rundll32.exe', 'Windows host process (Rundll32)'),
  regsvr32: windows('regsvr32.exe', 'Microsoft(C) Register Server'),
  dllhost: windows('dllhost.exe', 'COM Surrogate'),
  notepad: windows('notepad.exe', 'Notepad'),
  taskhostw: windows('taskhostw.exe', 'Host Process for Windows Tasks'),
  runtimeBroker: windows('RuntimeBroker.exe', 'Runtime Broker'),
  backgroundTaskHost: windows('backgroundTaskHost.exe', 'Background Task Host'),
  searchProtocolHost: windows('SearchProtocolHost.exe', 'Microsoft Windows Search Protocol Host'),
  wermgr: windows('wermgr.exe', 'Windows Problem Reporting'),
  msiexec: windows('msiexec.exe', 'Windows® installer'),
  wmiPrvSE: windows('WmiPrvSE.exe', 'WMI Provider Host', 'C:\\Windows\\System32\\wbem'),
  dns: windows('dns.exe', 'Domain Name System (DNS) Server'),
  w3wp: windows('w3wp.exe', 'IIS Worker Process', 'C:\\Windows\\System32\\inetsrv'),
  msMpEng: microsoft(
    'C:\\ProgramData\\Microsoft\\Windows Defender\\Platform\\4.18.24090.11-0\\MsMpEng.exe',
    'Microsoft® Windows® Operating System',
    '4.18.24090.11',
  ),
  msSense: microsoft(
    'C:\\Program Files\\Windows Defender Advanced Threat Protection\\MsSense.exe',
    'Microsoft® Windows® Operating System',
    '10.8760.22621.1',
  ),
  oneDrive: microsoft(
    'C:\\Users\\{user}\\AppData\\Local\\Microsoft\\OneDrive\\OneDrive.exe',
    'Microsoft OneDrive',
    '24.211.1020.0001',
  ),
  teams: microsoft(
    'C:\\Program Files\\WindowsApps\\MSTeams_24295.605.3225.8804_x64__8wekyb3d8bbwe\\ms-teams.exe',
    'Microsoft Teams',
    '24295.605.3225.8804',
  ),
  outlook: microsoft(
    'C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE',
    'Microsoft Outlook',
    '16.0.18025.20160',
  ),
  excel: microsoft(
    'C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE',
    'Microsoft Excel',
    '16.0.18025.20160',
  ),
  winword: microsoft(
    'C:\\Program Files\\Microsoft Office\\root\\Office16\\WINWORD.EXE',
    'Microsoft Word',
    '16.0.18025.20160',
  ),
  edge: microsoft(
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
    'Microsoft Edge',
    '131.0.2903.51',
  ),
  chrome: image('C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', {
    company: 'Google LLC',
    product: 'Google Chrome',
    version: '131.0.6778.86',
  }),
  firefox: image('C:\\Program Files\\Mozilla Firefox\\firefox.exe', {
    company: 'Mozilla Corporation',
    product: 'Firefox',
    version: '133.0',
  }),
  edgeUpdate: microsoft(
    'C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe',
    'Microsoft Edge Update',
    '1.3.195.35',
  ),
  code: microsoft(
    'C:\\Users\\{user}\\AppData\\Local\\Programs\\Microsoft VS Code\\Code.exe',
    'Visual Studio Code',
    '1.95.3',
  ),
  node: image('C:\\Program Files\\nodejs\\node.exe', { product: 'Node.js', version: '22.11.0' }),
  python: image('C:\\Users\\{user}\\AppData\\Local\\Programs\\Python\\Python312\\python.exe', {
    company: 'Python Software Foundation',
    product: 'Python',
    version: '3.12.7',
  }),
  git: image('C:\\Program Files\\Git\\mingw64\\bin\\git.exe', { product: 'Git', version: '2.47.0.2' }),
} as const satisfies Record<string, Image>;

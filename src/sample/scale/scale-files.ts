import { quoteString } from '../../dialect/duckdb/quote.ts';
import { factsOf, IMAGES, type Image } from '../images.ts';

/** How often an image is started, in thousandths; what is left goes to the long tail. */
const STARTS: readonly (readonly [keyof typeof IMAGES, number])[] = [
  ['svchost', 160],
  ['edge', 80],
  ['chrome', 60],
  ['conhost', 50],
  ['dllhost', 50],
  ['backgroundTaskHost', 50],
  ['runtimeBroker', 40],
  ['teams', 30],
  ['taskhostw', 30],
  ['searchProtocolHost', 30],
  ['powershell', 25],
  ['cmd', 25],
  ['wmiPrvSE', 20],
  ['outlook', 15],
  ['git', 15],
  ['rundll32', 15],
  ['oneDrive', 10],
  ['excel', 10],
  ['winword', 10],
  ['firefox', 10],
  ['code', 10],
  ['edgeUpdate', 10],
  ['wermgr', 10],
  ['msiexec', 8],
  ['msMpEng', 8],
  ['node', 8],
  ['python', 8],
  ['regsvr32', 3],
];

/** How many numbers images have: one that starts often has many, one of the long tail has one. */
export const IMAGE_NUMBERS = {
  known: STARTS.reduce((total, [, often]) => total + often, 0),
  tail: 1_000,
} as const;

export function images(): string {
  const slots = STARTS.flatMap(([name, often]) => Array<string>(often).fill(name));
  const known = STARTS.map(([name]) => `(${quoteString(name)}, ${imageValues(IMAGES[name])})`);
  return `
CREATE TABLE images AS
WITH known(name, ${IMAGE_COLUMNS}) AS (
  VALUES
  ${known.join(',\n  ')}
),
slots AS (
  SELECT unnest([${slots.map(quoteString).join(',')}]) AS name, unnest(range(${slots.length})) AS image
)
SELECT image, known.* EXCLUDE (name)
FROM slots
JOIN known USING (name)
UNION ALL
SELECT
  ${slots.length} + n,
  format('{}-{}.exe', ['sync', 'agent', 'updater', 'helper', 'client', 'tray', 'host', 'worker'][1 + n % 8], n),
  format('C:\\Program Files\\Vendor {}\\Product {}\\', n % 90, n % 300),
  format('Vendor {} Inc.', n % 90),
  format('Product {}', n % 300),
  format('Product {} component {}', n % 300, n),
  format('{}.{}.{}.0', 1 + n % 24, n % 10, n * 7919 % 10000),
  sha1('merganser scale image ' || n),
  sha256('merganser scale image ' || n),
  md5('merganser scale image ' || n),
  24576 + n * 7919 % 3000000,
  n % 4 = 0
FROM range(${IMAGE_NUMBERS.tail}) AS numbers(n)
ORDER BY image`;
}

const IMAGE_COLUMNS =
  'FileName, folder, company, product, description, version, sha1, sha256, md5, size, service';

/** Images that Windows runs for itself. */
const SERVICES = new Set<string>([IMAGES.svchost.path, IMAGES.wmiPrvSE.path, IMAGES.msMpEng.path]);

function imageValues(image: Image): string {
  const { fileName, path, company, product, description, version } = image;
  const { sha1, sha256, md5, size } = factsOf(`${path} ${version}`);
  const folder = path.slice(0, -fileName.length);
  const texts = [fileName, folder, company, product, description, version, sha1, sha256, md5];
  const literals = texts.map((text) => (text === null ? 'NULL' : quoteString(text)));
  return `${literals.join(', ')}, ${size}, ${SERVICES.has(path)}`;
}

/** The watched libraries, as often and as variously spelled as in real logs; numbers 0 to 99. */
const WATCHED: readonly (readonly [string, number])[] = [
  ['bcryptprimitives.dll', 40],
  ['bcrypt.dll', 26],
  ['cryptsp.dll', 10],
  ['rsaenh.dll', 9],
  ['ncrypt.dll', 6],
  ['bcryptPrimitives.dll', 4],
  ['CRYPTSP.dll', 3],
  ['BCRYPT.DLL', 1],
  ['RSAENH.dll', 1],
];

/** How many numbers the watched libraries have, and all others. */
export const LIBRARY_NUMBERS = { watched: 100, ordinary: 4_000 } as const;

const ORDINARY =
  'ntdll kernel32 KernelBase ucrtbase rpcrt4 sechost advapi32 combase user32 win32u gdi32 gdi32full msvcp_win msvcrt imm32 ole32 oleaut32 shell32 shlwapi SHCore ws2_32 crypt32 cryptbase sspicli wintrust msasn1 profapi powrprof version dnsapi IPHLPAPI winhttp wininet urlmon dwmapi uxtheme clbcatq propsys userenv windows.storage'.split(
    ' ',
  );

/** Half of the ordinary loads are of System32, half of a long tail that the vendors ship. */
export function libraries(): string {
  const watched = WATCHED.flatMap(([name, often]) => Array<string>(often).fill(name));
  return `
CREATE TABLE libraries AS
WITH names AS (
  SELECT unnest([${watched.map(quoteString).join(',')}]) AS FileName, unnest(range(${watched.length})) AS library
  UNION ALL
  SELECT
    CASE WHEN n % 2 = 0 THEN [${ORDINARY.map(quoteString).join(',')}][1 + n // 2 % ${ORDINARY.length}] || '.dll'
      ELSE format('{}{}.dll', ['core', 'ui', 'net', 'ext', 'plugin'][1 + n // 2 % 5], n) END,
    ${watched.length} + n
  FROM range(${LIBRARY_NUMBERS.ordinary}) AS numbers(n)
),
placed AS (
  SELECT
    library,
    FileName,
    CASE WHEN library < ${watched.length} OR library % 2 = 0 THEN 'C:\\Windows\\System32\\'
      ELSE format('C:\\Program Files\\Vendor {}\\Product {}\\', library % 90, library % 300) END AS folder
  FROM names
)
SELECT
  library,
  FileName,
  folder || FileName AS FolderPath,
  sha1('merganser scale library ' || lower(folder || FileName)) AS SHA1,
  sha256('merganser scale library ' || lower(folder || FileName)) AS SHA256,
  md5('merganser scale library ' || lower(folder || FileName)) AS MD5,
  24576 + library * 7919 % 3000000 AS FileSize
FROM placed
ORDER BY library`;
}

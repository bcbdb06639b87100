import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whereClause } from '../../src/hunt/batch/extract/where-clause.ts';
import { findDetection } from '../../src/hunt/detection/find-detections.ts';
import { runBatch } from '../../src/index.ts';
import { networkEvent, temporaryFolder, writeFile as writeParquet } from '../lake/parquet-files.ts';
import { type Files, HEADER, ownDetection, problems, SQL } from './own-detection.ts';

/** The detection in a form that runs in batches. */
const BATCH_SQL = `WITH odd AS (
  SELECT DeviceName, Timestamp
  FROM DeviceNetworkEvents
  WHERE RemotePort = $port
)

-- answer
SELECT DeviceName, count(*) AS Connections, min(Timestamp) AS FirstSeen, max(Timestamp) AS LastSeen
FROM odd
GROUP BY DeviceName
ORDER BY DeviceName
`;
const EXTRACTIONS = 'extractions: { odd: { port: equals } }\n';
const FINDING = 'finding: { identity: [DeviceName], first: FirstSeen, last: LastSeen }\n';
const BATCH: Files = {
  header: HEADER + EXTRACTIONS + FINDING,
  sql: BATCH_SQL,
  kql: 'DeviceNetworkEvents | where RemotePort == 4444 | summarize Connections = count(), FirstSeen = min(Timestamp), LastSeen = max(Timestamp) by DeviceName',
};
const HOW =
  'write it as name AS (SELECT … FROM Table WHERE …), with one table under its own name, and nothing after its WHERE clause';

const withSql = (from: string, to: string): Files => {
  expect(BATCH_SQL).toContain(from);
  return { ...BATCH, sql: BATCH_SQL.replace(from, to) };
};
const withHeader = (from: string, to: string): Files => {
  expect(BATCH.header).toContain(from);
  return { ...BATCH, header: BATCH.header!.replace(from, to) };
};

test('a detection that runs in batches is sound', async () => {
  expect(await problems(BATCH)).toBe('');
});

const CLAUSE = 'RemotePort = $port';
test.each<[string, string]>([
  ['all on one line', `WITH odd AS (SELECT * FROM DeviceNetworkEvents WHERE ${CLAUSE}) SELECT * FROM odd`],
  ['in small letters', `with odd as (select * from DeviceNetworkEvents where ${CLAUSE}) select * from odd`],
  [
    'deeper in',
    `WITH\n    odd AS (\n        SELECT *\n        FROM DeviceNetworkEvents\n        WHERE ${CLAUSE}\n    )\nFROM odd`,
  ],
  [
    'with comments',
    `WITH odd AS ( -- here\n  SELECT -- all; FROM b WHERE (\n    *\n  FROM DeviceNetworkEvents /* WHERE */\n  WHERE ${CLAUSE} -- and no more\n)\nSELECT * FROM odd`,
  ],
  ['materialised', `WITH odd AS MATERIALIZED (SELECT * FROM DeviceNetworkEvents WHERE ${CLAUSE}) FROM odd`],
  [
    'behind another',
    `WITH a AS (SELECT ') FROM b WHERE (' AS "FROM"), odd AS (\n  SELECT DISTINCT a IS DISTINCT FROM b AS c, extract(year FROM d) FROM DeviceNetworkEvents WHERE ${CLAUSE}) FROM odd`,
  ],
])('a filter is found where its CTE is written %s', (_, sql) => {
  expect(whereClause(sql, 'odd')).toMatchObject({
    table: 'DeviceNetworkEvents',
    condition: CLAUSE,
    parameters: ['port'],
  });
});

test.each<[string, string]>([
  ['SELECT * FROM T', 'it has no WHERE'],
  ['SELECT 1 WHERE a', 'it has no FROM'],
  ['FROM T WHERE a', 'it does not begin with SELECT'],
  ['(SELECT * FROM T WHERE a)', 'it does not begin with SELECT'],
  ['SELECT * FROM T AS t WHERE a', 'it does not read one table under its own name'],
  ['SELECT * FROM T, U WHERE a', 'it does not read one table under its own name'],
  ['SELECT * FROM T JOIN U USING (b) WHERE a', 'it does not read one table under its own name'],
  ['SELECT * FROM "T" WHERE a', 'it does not read one table under its own name'],
  ['SELECT * FROM (SELECT * FROM T) WHERE a', 'it does not read one table under its own name'],
  ['SELECT * FROM other WHERE a', 'other is a CTE as well'],
  ['SELECT b FROM T WHERE a GROUP BY b', 'GROUP follows its WHERE clause'],
  ['SELECT * FROM T WHERE a\n  UNION ALL SELECT * FROM T', 'UNION follows its WHERE clause'],
  ['SELECT * FROM T WHERE a LIMIT 5', 'LIMIT follows its WHERE clause'],
  ['SELECT * FROM T WHERE a QUALIFY b', 'QUALIFY follows its WHERE clause'],
  ['SELECT * FROM T WHERE a IN (SELECT b FROM U)', 'its WHERE clause has a query in it'],
  ['SELECT * FROM T WHERE a IN (FROM U)', 'its WHERE clause has a query in it'],
  ["SELECT * FROM T WHERE a = '$b'", 'its WHERE clause has a string with a $ in it'],
  [
    "SELECT * FROM T WHERE a = E'it\\'s'",
    "the statement has a string such as E'…' or $$…$$, or a comment in a comment",
  ],
  [
    'SELECT * FROM T WHERE a = $$b$$',
    "the statement has a string such as E'…' or $$…$$, or a comment in a comment",
  ],
  [
    'SELECT * FROM T WHERE a /* b /* c */ */',
    "the statement has a string such as E'…' or $$…$$, or a comment in a comment",
  ],
])('no filter is taken out of: %s', (body, why) => {
  expect(whereClause(`WITH other AS (SELECT 1), odd AS (\n  ${body}\n)\nSELECT * FROM odd`, 'odd')).toBe(why);
});

test('a filter of the WHERE clause alone keeps what compares', () => {
  const condition =
    "a IS NOT DISTINCT FROM b AND extract(year FROM c) = 2026 AND d IN ('x -- y', 'GROUP BY')";
  const sql = `WITH odd AS (SELECT * FROM T WHERE ${condition}) FROM odd`;
  expect(whereClause(sql, 'odd')).toMatchObject({ condition });
});

test.each<[string, Files, string]>([
  [
    'a CTE that there is not',
    withHeader('odd: {', 'od: {'),
    `extractions: od is no SELECT … FROM a table WHERE …: there is no CTE of that name; did you mean odd?: ${HOW}`,
  ],
  [
    'a CTE that groups',
    { ...BATCH, sql: SQL, header: HEADER + EXTRACTIONS },
    `extractions: odd is no SELECT … FROM a table WHERE …: GROUP follows its WHERE clause: ${HOW}`,
  ],
  [
    'a parameter that it does not say how to compare',
    withHeader('{ port: equals }', '{}'),
    'extractions.odd: the header does not say how port is compared: write { port: selects }, excludes or equals',
  ],
  [
    'a number that is to select',
    withHeader('port: equals', 'port: selects'),
    'extractions.odd: port: expected equals, got selects: only lists select or exclude, and it is of type int',
  ],
  [
    'a parameter that does not filter',
    withHeader('port: equals }', 'port: equals, prot: equals }'),
    'extractions.odd: prot is not in its WHERE clause; did you mean port?',
  ],
  [
    'a parameter that lets nothing through where it is not set',
    {
      ...BATCH,
      header: BATCH.header!.replace(
        '4444 }',
        '4444 }, host: { type: string, description: It, default: null }',
      ),
      sql: BATCH_SQL.replace('$port', '$port AND DeviceName = $host'),
    },
    'extractions.odd: the header does not say how host is compared: do so, or write ($host IS NULL OR …)',
  ],
  [
    'a condition on what its SELECT computes',
    {
      ...BATCH,
      sql: BATCH_SQL.replace('Timestamp\n', 'Timestamp, RemotePort AS p\n').replace('RemotePort =', 'p ='),
    },
    'extractions.odd: its WHERE clause does not stand by itself: Binder Error: Referenced column "p" not found in FROM clause!',
  ],
  [
    'a table that is read elsewhere too',
    withSql('FROM odd\n', 'FROM odd, (SELECT max(RemotePort) AS m FROM DeviceNetworkEvents)\n'),
    'extractions: DeviceNetworkEvents is read by more than the CTEs that they name, which a batch would lack rows for',
  ],
  [
    'a table that none of them reads',
    withHeader('RemotePort] }', 'RemotePort], DeviceEvents: [Timestamp] }'),
    'extractions: no CTE that they name reads DeviceEvents',
  ],
  [
    'an identity that the result does not have',
    withHeader('identity: [DeviceName]', 'identity: [DeviceNme, Host]'),
    'finding.identity: the result has no column DeviceNme; did you mean DeviceName?\nfinding.identity: the result has no column Host',
  ],
  [
    'a first time that the result does not have',
    withHeader('first: FirstSeen', 'first: First'),
    'finding.first: the result has no column First',
  ],
  [
    'a reach that is no parameter',
    withHeader('last: LastSeen', 'last: LastSeen, reach: port'),
    'finding.reach: no parameter of type timespan is port',
  ],
])('a detection with %s fails', async (_, files, said) => {
  const [problem] = (await problems(files)).split(' Candidate bindings');
  expect(problem).toBe(said);
});

async function batch(files: Files) {
  const lake = temporaryFolder();
  for (const [index, port] of ['4444', '4444', '443'].entries())
    await writeParquet(
      join(lake, `DeviceNetworkEvents/${index}.parquet`),
      networkEvent({ RemotePort: port }),
    );
  const folder = ownDetection(files);
  const detections = [{ detection: findDetection('t1071', [folder]) }];
  const said = await runBatch({ lake, work: join(temporaryFolder(), 'work'), detections }).then(
    ({ rows, findings }) => `kept ${rows.kept}, found ${findings[0]!.total}`,
    ({ name, message }) => `${name}: ${message}`.replaceAll(folder, ''),
  );
  return said;
}

test('a batch takes the filter out of a CTE in whatever layout, and refuses what is wrong by file and key', async () => {
  expect(await batch(BATCH)).toBe('kept 2, found 1');
  const oneLine = BATCH_SQL.replace(/\n {2}/g, ' ').replace('$port\n)', '$port -- only these\n)');
  expect(oneLine).toContain('WITH odd AS ( SELECT DeviceName, Timestamp FROM DeviceNetworkEvents WHERE');
  expect(await batch({ ...BATCH, sql: oneLine })).toBe('kept 2, found 1');
  expect(await batch(withHeader('{ port: equals }', '{}'))).toBe(
    'UsageError: /t1071/odd-port.sql: extractions.odd: the header does not say how port is compared: write { port: selects }, excludes or equals',
  );
  expect(await batch({ ...BATCH, sql: SQL, header: HEADER + EXTRACTIONS + FINDING })).toBe(
    `UsageError: /t1071/odd-port.sql: extractions: odd is no SELECT … FROM a table WHERE …: GROUP follows its WHERE clause: ${HOW}`,
  );
  expect(await batch({ ...BATCH, header: HEADER + EXTRACTIONS })).toBe(
    'UsageError: t1071/odd-port does not run in batches: /t1071/odd-port.sql lacks finding.identity',
  );
  expect(await batch({ ...BATCH, header: HEADER })).toBe(
    'UsageError: t1071/odd-port does not run in batches: /t1071/odd-port.sql lacks extractions and finding.identity',
  );
});

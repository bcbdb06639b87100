import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../src/kql/diagnostics.ts';
import { translate } from './engine.ts';

const codes = (kql: string): string[] => translate(kql).diagnostics.map(({ code }) => code);

describe('what translate gives', () => {
  test('one step per operator, named after it, let names kept', () => {
    const { sql } = translate(
      'let Loads = DeviceImageLoadEvents | project DeviceName, FileName; Loads | summarize Count = count() by FileName | top 3 by Count',
    );
    expect(sql).toBe(
      [
        'WITH Loads AS (',
        '    SELECT FileName',
        '    FROM DeviceImageLoadEvents',
        '),',
        'summarize_1 AS (',
        '    SELECT FileName, count(*) AS Count',
        '    FROM Loads',
        '    GROUP BY 1',
        '),',
        'top AS (',
        '    SELECT *',
        '    FROM summarize_1',
        '    ORDER BY Count DESC',
        '    LIMIT 3',
        ')',
        'SELECT *',
        'FROM top',
      ].join('\n'),
    );
  });

  test('a column that is documented in two spellings in the one that the query has', () => {
    const columns = (kql: string) => translate(kql).columns.map(({ name }) => name);
    expect(translate('IdentityInfo | project AccountUPN').sql).toContain('SELECT AccountUPN\n');
    expect(translate('IdentityInfo | project AccountUpn').sql).toContain('SELECT AccountUpn\n');
    const upns = (kql: string) => columns(kql).filter((name) => name.toLowerCase() === 'accountupn');
    expect(upns('IdentityInfo')).toEqual(['AccountUpn']);
    expect(upns('IdentityInfo | where AccountUPN has "ann"')).toEqual(['AccountUPN']);
  });

  test('the tables read, with the columns used and what is said of their time', () => {
    const now = new Date('2026-01-31T00:00:00Z');
    const { scans } = translate(
      'DeviceNetworkEvents | where Timestamp > ago(1d) and Timestamp < datetime(2026-01-30T12:00:00Z) | where RemotePort == 4444 | project RemoteIP',
      { now },
    );
    expect(scans).toEqual([
      {
        table: 'DeviceNetworkEvents',
        columns: ['Timestamp', 'RemoteIP', 'RemotePort'],
        bounds: {
          column: 'Timestamp',
          from: BigInt(Date.parse('2026-01-30T00:00:00Z')) * 1000n,
          to: BigInt(Date.parse('2026-01-30T12:00:00Z')) * 1000n,
        },
      },
    ]);
  });

  test('the result columns with their KQL types', () => {
    expect(translate('print a = 1, b = "x", c = 1.5, d = 1d, e = now(), f = dynamic([1])').columns).toEqual([
      { name: 'a', type: 'long' },
      { name: 'b', type: 'string' },
      { name: 'c', type: 'real' },
      { name: 'd', type: 'timespan' },
      { name: 'e', type: 'datetime' },
      { name: 'f', type: 'dynamic' },
    ]);
  });

  test('what became of each clause, and the rules that a reader may not expect', () => {
    const { explain } = translate('DeviceEvents | join (DeviceInfo | project DeviceId) on DeviceId');
    expect(explain.at(-1)).toEqual({
      kql: 'join (DeviceInfo | project DeviceId) on DeviceId',
      cte: 'join_1',
      rules: ['join without kind: innerunique, one left row per key'],
    });
  });

  test('in print mode the macros stand before the query', () => {
    const { sql } = translate('print tostring(1.5)', { mode: 'print' });
    expect(sql).toMatch(/^CREATE OR REPLACE TEMP MACRO kql_real_text/);
  });

  test('query parameters come from outside, as values of their declared types', () => {
    const kql =
      'declare query_parameters(port:long, since:datetime = datetime(2026-01-01)); DeviceNetworkEvents | where RemotePort == port and Timestamp > since | count';
    expect(translate(kql, { parameters: { port: 4444 } }).sql).toContain('RemotePort = 4444');
    expect(translate(kql).diagnostics[0]!.code).toBe('MG010');
    expect(translate(kql, { parameters: { port: "1'; DROP" } }).diagnostics[0]!.code).toBe('MG004');
  });

  test.each<[type: string, given: unknown, sql: string]>([
    ['dynamic', '["a", "b"]', '\'["a","b"]\'::JSON'],
    ['dynamic', 'dynamic(["a"])', '\'["a"]\'::JSON'],
    ['dynamic', ['a'], '\'["a"]\'::JSON'],
    ['datetime', '2026-01-31T00:00:00.000001Z', "TIMESTAMP '2026-01-31 00:00:00.000001'"],
    ['datetime', new Date('2026-01-31'), "TIMESTAMP '2026-01-31 00:00:00'"],
    ['long', '0x10', '16'],
    ['timespan', '1d', '864000000000'],
  ])('a query parameter of type %s may be given as %j', (type, given, sql) => {
    const kql = `declare query_parameters(p:${type}); print p`;
    expect(translate(kql, { parameters: { p: given } }).sql).toContain(sql);
  });

  test.each<[type: string, given: string]>([
    ['dynamic', 'powershell.exe'],
    ['datetime', '2026-01-31T00:00:00.0000001Z'],
    ['long', '9223372036854775808'],
    ['int', '2147483648'],
    ['guid', '------------------------------------'],
    ['real', ''],
  ])('a query parameter of type %s is refused as %j', (type, given) => {
    const kql = `declare query_parameters(p:${type}); print p`;
    const { diagnostics } = translate(kql, { parameters: { p: given } });
    expect(diagnostics).toMatchObject([{ code: 'MG004', start: 25 }]);
    expect(diagnostics[0]!.message).toMatch(/^the query parameter p: /);
  });
});

describe('what is refused, and how', () => {
  test('an unknown column names the nearest', () => {
    const kql = 'DeviceNetworkEvents\n| where RemotePrt == 4444';
    const [found] = translate(kql).diagnostics;
    expect(formatDiagnostic(kql, found!, 'hunt.kql').split('\n')).toEqual([
      "error KS142: The name 'RemotePrt' does not refer to any known column, table, variable or function.",
      '  --> hunt.kql:2:9',
      '  |',
      '2 | | where RemotePrt == 4444',
      "  |         ^^^^^^^^^ did you mean 'RemotePort' or 'RemoteUrl' or 'RemoteIP'?",
    ]);
  });

  test.each([
    ['DeviceNetworkEvents | where ParentMessageId == 1', 'it is a column of MessageEvents'],
    [
      'DeviceNetworkEvents | where ProcessTokenElevation == ""',
      'it is a column of DeviceCustomProcessEvents, DeviceEvents, DeviceProcessEvents',
    ],
    ['DeviceNetworkEvents | where RemotePort = 443', '= gives a name; == compares'],
    ['print 5x', 'a timespan ends in d, h, m, s, ms, microsecond or tick'],
    ['print p = 1, s = "1" | where p == s', 'convert the text first, with tolong()'],
    ['print datetime(2026-01-31T08:00:00.1234567Z)', 'write 2026-01-31T08:00:00.123456Z'],
    [
      'externaldata(a:string)["https://feeds.test/bad/"]',
      'put it, for example as bad.csv with the header a, into the folder that --watchlists names',
    ],
  ])('%s: %s', (kql, hint) => {
    expect(translate(kql).diagnostics).toMatchObject([{ hint }]);
  });

  test('what follows from a refusal is not said as well', () => {
    expect(
      codes('EmailEvents | extend g = geo_info_from_ip_address(SenderIPv4) | project g.country'),
    ).toEqual(['MG010']);
    expect(codes('print s = dynamic([1]) | extend (a, b) = series_decompose_anomalies(s)')).toEqual([
      'MG003',
    ]);
  });

  test.each([
    ['print 1 | extend u = ⟦parse_url⟧("https://a.test/b")', 'parse_url needs a JavaScript function'],
    ['let f = (s:string) { ⟦parse_url⟧(s) }; print f("a")', 'parse_url needs a JavaScript function'],
    ['print a = "x" | extend h = ⟦hash⟧(a)', 'hash needs a JavaScript function'],
    [
      'print a = "x" | extend ⟦parse_path⟧(a), parse_xml(a)',
      'parse_path, parse_xml need JavaScript functions',
    ],
    [
      'DeviceInfo | ⟦evaluate⟧ pivot(OSPlatform)',
      'the columns depend on the data, which a pasted query does not know',
    ],
  ])('what a pasted query has not is said where it is called: %s', (marked, message) => {
    const [before, place, after] = marked.split(/[⟦⟧]/) as [string, string, string];
    const { diagnostics } = translate(before + place + after, { mode: 'print' });
    expect(diagnostics).toMatchObject([{ code: 'MG012', start: before.length, length: place.length }]);
    expect(diagnostics[0]!.message).toContain(message);
  });

  test('several at once', () => {
    expect(codes('DeviceEvents | where nosuch1 == 1 | where nosuch2 == 2')).toEqual(['KS142', 'KS142']);
    expect(codes('print a = series_periods_validate(dynamic([1]), 4.0), b = hash_many("a", "b")')).toEqual([
      'MG002',
      'MG002',
    ]);
  });

  test('a fuzzy union forgives a table that is not there, not a column', () => {
    expect(
      translate('union isfuzzy=true DeviceEvents, (NoSuchTable | where x == 1)').diagnostics,
    ).toMatchObject([{ severity: 'note', message: expect.stringContaining('left out of the fuzzy union') }]);
    expect(codes('union isfuzzy=true DeviceEvents, (DeviceEvents | where nosuch == 1)')).toEqual(['KS142']);
    expect(codes('union DeviceEvents, NoSuchTable')).toEqual(['KS204']);
  });

  test('table() takes the name that a function is given, and a fuzzy union forgives it', () => {
    const hits = 'let hits = (name:string) { table(name) | where ActionType has "Connection" | count };';
    expect(translate(`${hits} hits("DeviceNetworkEvents")`).scans.map(({ table }) => table)).toEqual([
      'DeviceNetworkEvents',
    ]);
    const { diagnostics, scans } = translate(
      `${hits} let a = hits("DeviceEvents"); let b = hits("NoSuchTable"); union isfuzzy=true a, b, hits("Nor")`,
    );
    expect(diagnostics.map(({ severity, message }) => [severity, message])).toEqual([
      ['note', 'NoSuchTable is unknown, and left out of the fuzzy union'],
      ['note', 'Nor is unknown, and left out of the fuzzy union'],
    ]);
    expect(scans.map(({ table }) => table)).toEqual(['DeviceEvents']);
    expect(translate(`${hits} let b = hits("NoSuchTable"); b`).diagnostics).toMatchObject([
      { code: 'KS204', message: "unknown table 'NoSuchTable'" },
    ]);
    expect(codes('let n = "DeviceEvents"; table(n) | take 1')).toEqual([]);
    expect(codes('table(strcat("Device", tostring(rand()))) | take 1')).toEqual(['MG003']);
  });

  test('a name that another table has is not proposed again', () => {
    const [found] = translate('DeviceEvents | project DeviceId | where ActionType == "x"').diagnostics;
    expect(found).toMatchObject({ code: 'KS142' });
    expect(found!.hint ?? '').not.toContain("'ActionType'");
  });

  test.each([
    ['.show tables', 'MG006'],
    ['', 'KS000'],
    ['// nothing', 'KS000'],
    ['print 1; print 2', 'MG003'],
    ['DeviceEvents | fork (take 1) (take 2)', 'MG001'],
    ['DeviceEvents | evaluate basket()', 'MG007'],
    ['DeviceEvents | where FileName matches regex "(?<=a)b"', 'MG005'],
    ['DeviceEvents | where FileName matches regex "(a"', 'MG005'],
    ['DeviceEvents | where FileName matches regex "a**"', 'MG005'],
    ['DeviceEvents | where FileName matches regex "[z-a]"', 'MG005'],
    ['print datetime(2020-13-45)', 'MG004'],
    ['print 9223372036854775808', 'MG004'],
    ['_GetWatchlist("x")', 'MG010'],
    ['DeviceEvents | invoke FileProfile()', 'MG010'],
    ['externaldata(a:string)["https://example.com/a.csv"]', 'MG010'],
  ])('%s', (kql, code) => {
    expect(codes(kql)).toContain(code);
  });

  test('render is dropped with a note', () => {
    const { sql, diagnostics } = translate(
      'DeviceEvents | summarize count() by ActionType | render piechart',
    );
    expect(sql).not.toBe('');
    expect(diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['MG009', 'note']]);
  });

  test.each([
    ['brackets', `print ${'('.repeat(500)}1${')'.repeat(500)}`],
    ['calls', `print ${'not('.repeat(500)}true${')'.repeat(500)}`],
    ['pipes', `DeviceEvents${' | where true'.repeat(3000)}`],
    [
      'a megabyte of conditions',
      `DeviceEvents | where ${Array.from({ length: 60_000 }, (_, i) => `FileSize == ${i}`).join(' or ')}`,
    ],
  ])('nesting beyond reason is a diagnostic: %s', (_, kql) => {
    expect(translate(kql).diagnostics.length).toBeGreaterThan(0);
  });

  test('a function that calls itself', () => {
    expect(translate('let f = (x:long) { f(x) }; print f(1)').sql).toBe('');
  });
});

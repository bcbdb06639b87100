import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemaInFooter } from '../../src/lake/parquet/parquet-footer.ts';
import { query, temporaryFolder, writeFile } from './parquet-files.ts';

async function written(select: string, options?: string): Promise<string> {
  const path = join(temporaryFolder(), 'file.parquet');
  await writeFile(path, select, options);
  return path;
}

const COLUMNS = "range AS id, 'a' || range AS name, [range] AS numbers, {'inside': range::DOUBLE} AS nested";

describe('the schema in a footer', () => {
  test('is the same whatever the rows, the row groups, their statistics and their compression', async () => {
    const one = schemaInFooter(await written(`SELECT ${COLUMNS} FROM range(1)`));
    const many = await written(
      `SELECT ${COLUMNS} FROM range(50_000)`,
      'FORMAT parquet, ROW_GROUP_SIZE 2048, COMPRESSION zstd',
    );
    expect(one).toMatch(/id.*name.*numbers.*nested.*inside/s);
    expect(schemaInFooter(many)).toBe(one);
  });

  test.each([
    ['the name of a column', "1 AS id, 'a' AS title"],
    ['a type', "1::BIGINT AS id, 'a' AS name"],
    ['what the bytes stand for', "1 AS id, 'a'::BLOB AS name"],
    ['the unit of a time', "1 AS id, 'a' AS name, TIMESTAMP_NS '2026-01-05' AS at"],
    ['a column more', "1 AS id, 'a' AS name, TIMESTAMP '2026-01-05' AS at, 1 AS more"],
    ['the order of columns', "'a' AS name, 1 AS id"],
  ])('tells %s', async (_, columns) => {
    const like = columns.includes('AS at') ? ", TIMESTAMP '2026-01-05' AS at" : '';
    const usual = schemaInFooter(await written(`SELECT 1 AS id, 'a' AS name${like}`));
    const other = schemaInFooter(await written(`SELECT ${columns}`));
    expect(usual).toBeDefined();
    expect(other).toBeDefined();
    expect(other).not.toBe(usual);
  });

  test('ends where the count of rows begins, which the engine says', async () => {
    const path = await written(`SELECT ${COLUMNS} FROM range(300)`);
    const [{ footer_size, num_rows }] = (await query(
      `SELECT footer_size, num_rows FROM parquet_file_metadata('${path}')`,
    )) as [{ footer_size: string; num_rows: string }];
    const bytes = readFileSync(path);
    const footer = bytes.subarray(bytes.length - 8 - Number(footer_size), bytes.length - 8);
    const after = footer.subarray(schemaInFooter(path)!.length);
    // Field 3, an i64 as a zigzag varint of seven bits a byte.
    expect(after[0]).toBe(0x16);
    expect(((after[1]! & 0x7f) | (after[2]! << 7)) / 2).toBe(Number(num_rows));
  });

  test('is seen where it has 1,000 columns, and not where it has 6,000', async () => {
    const columns = (count: number) => Array.from({ length: count }, (_, i) => `1 AS column_${i}`).join(', ');
    expect(schemaInFooter(await written(`SELECT ${columns(1000)}`))).toMatch(/column_999/);
    expect(schemaInFooter(await written(`SELECT ${columns(6000)}`))).toBeUndefined();
  });
});

describe('there is no schema to be seen', () => {
  const file = (bytes: Uint8Array | string) => {
    const path = join(temporaryFolder(), 'file.parquet');
    writeFileSync(path, bytes);
    return path;
  };

  test.each([
    ['in nothing', ''],
    ['in text', 'DeviceName,FileName\nws-1,bcrypt.dll\n'],
    ['where the footer is encrypted', 'PAR1 and so on \x04\x00\x00\x00PARE'],
    ['where the footer is longer than the file', 'PAR1 and so on \xff\xff\xff\x7fPAR1'],
  ])('%s', (_, text) => {
    expect(schemaInFooter(file(Buffer.from(text, 'latin1')))).toBeUndefined();
  });

  test('in a file that is cut off, a folder, a pipe or where there is no file', async () => {
    const path = await written('SELECT 1 AS id');
    const folder = temporaryFolder();
    writeFileSync(path, readFileSync(path).subarray(0, -20));
    expect(schemaInFooter(path)).toBeUndefined();
    expect(schemaInFooter(folder)).toBeUndefined();
    expect(schemaInFooter(join(folder, 'absent.parquet'))).toBeUndefined();
    if (process.platform === 'win32') return;
    execFileSync('mkfifo', [join(folder, 'pipe.parquet')]);
    expect(schemaInFooter(join(folder, 'pipe.parquet'))).toBeUndefined();
  });

  test('in a footer of any other bytes, which never throws and always ends', () => {
    const start = fc.constantFrom([], [0x15, 0x02], [0x15, 0x02, 0x19, 0x1c], [0x15, 0x02, 0x19, 0xfc]);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 60 }), (known, random) => {
        const footer = Buffer.from([...known, ...random]);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(footer.length);
        const found = schemaInFooter(
          file(Buffer.concat([Buffer.from('PAR1'), footer, length, Buffer.from('PAR1')])),
        );
        expect((found ?? '').length).toBeLessThanOrEqual(footer.length);
      }),
      { numRuns: 300 },
    );
  });
});

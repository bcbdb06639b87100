import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { contractOf } from '../../lake/tables/contract.ts';
import { nearest } from '../../nearest.ts';
import { resolveParameters } from '../parameters.ts';
import type { Detection } from './detection.ts';
import { strangeMacro } from './own-statements.ts';
import { checkStatement } from './statement-check.ts';

/**
 * What is wrong with a detection as data: its names, ids, tables and columns, parameters and statement, what its header
 * says for batches, and its variants. No rows are read.
 */
export async function checkDetection(detection: Detection): Promise<string[]> {
  const strange = strangeMacro(detection);
  const problems = [
    ...checkIds(detection),
    ...checkTables(detection),
    ...checkParameters(detection),
    ...(strange === undefined ? [] : [strange]),
  ];
  return problems.length > 0 ? problems : checkStatement(detection);
}

function checkIds(detection: Detection): string[] {
  const { id, technique, tactic, references, created, updated } = detection;
  const file = new URL(`${id}.sql`, detection.folder);
  const expect = (right: boolean, problem: string) => (right ? [] : [problem]);
  return [
    ...expect(existsSync(file), `id ${id} is not where the file lies: ${fileURLToPath(file)} does not exist`),
    ...expect(/^t\d{4}(\.\d{3})?\/[a-z0-9-]+$/.test(id), `id ${id} is not technique/name in lower case`),
    ...expect(/^T\d{4}(\.\d{3})?$/.test(technique.id), `technique ${technique.id} is no ATT&CK technique id`),
    ...expect(
      technique.id.toLowerCase() === id.split('/')[0],
      `technique ${technique.id} is not that of the folder, ${id.split('/')[0]}`,
    ),
    ...expect(/^TA\d{4}$/.test(tactic.id), `tactic ${tactic.id} is no ATT&CK tactic id`),
    ...expect(references.length > 0, 'there are no references'),
    ...references
      .filter((url) => !/^https:\/\//.test(url.replace(/^.*\s(?=https:)/, '')))
      .map((url) => `reference ${url} has no https address`),
    ...expect(
      String(created) <= String(updated),
      `it was updated (${updated}) before it was created (${created})`,
    ),
  ];
}

function checkTables({ tables, recorded, optionalTables }: Detection): string[] {
  const recordedColumns = Object.values(recorded).map((path) => path.split('.') as [string, string]);
  const declared: [string, readonly string[]][] = [
    ...Object.entries(tables),
    ...recordedColumns.map(([table, column]): [string, string[]] => [table, [column]]),
  ];
  return [
    ...optionalTables
      .filter((table) => !Object.hasOwn(tables, table))
      .map((table) => `optional table ${table} is not declared`),
    ...declared.flatMap(([table, columns]) => {
      const contract = contractOf(table);
      if (contract === undefined) return [`table ${table} is not documented`];
      const known = contract.columns.map(({ name }) => name);
      return columns
        .filter((column) => !known.includes(column))
        .map((column) => {
          const near = nearest(column, known);
          return `column ${table}.${column} is not documented${near === undefined ? '' : `; did you mean ${near}?`}`;
        });
    }),
  ];
}

function checkParameters(detection: Detection): string[] {
  try {
    resolveParameters(detection.parameters, []);
  } catch (error) {
    return [`default of ${(error as Error).message}`];
  }
  const declared = new Set([
    ...detection.parameters.map(({ name }) => name),
    ...Object.keys(detection.recorded),
  ]);
  const used = new Set(Array.from(detection.sql.matchAll(/\$(\w+)/g), ([, name]) => name!));
  return [...used].filter((name) => !declared.has(name)).map((name) => `parameter $${name} is not declared`);
}

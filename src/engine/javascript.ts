import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api';
import type { JavaScriptFunction } from '../dialect/javascript-function.ts';

const TYPES = { VARCHAR, BIGINT, DOUBLE, BOOLEAN };

/** Makes JavaScript scalar functions known to the engine; each is called with whole columns of at most 2,048 rows. */
export function registerJavascript(
  connection: DuckDBConnection,
  functions: readonly JavaScriptFunction[],
): void {
  for (const each of functions) connection.registerScalarFunction(scalarFunction(each));
}

function scalarFunction({ name, takes, gives, evaluate }: JavaScriptFunction): DuckDBScalarFunction {
  return DuckDBScalarFunction.create({
    name,
    returnType: TYPES[gives],
    parameterTypes: takes.map((type) => TYPES[type]),
    mainFunction: (_, input, output) => {
      const columns: DuckDBValue[][] = takes.map((_type, index) => input.getColumnValues(index));
      for (let row = 0; row < input.rowCount; row++) {
        const given = columns.map((column) => column[row]);
        output.setItem(row, given.some((each) => each === null) ? null : evaluate(...given));
      }
      output.flush();
    },
  });
}

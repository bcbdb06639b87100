/** Series taken apart, and scores of what lies outside of the ordinary. */
import { type FunctionTable, row } from '../../function-row.ts';

const macro = (name: string, takes: string, docs: string) =>
  row(takes, 'dynamic?', docs, (args) => `${name}(${args.join(', ')})`);

export const decomposition: FunctionTable = {
  decompose: macro('kql_series_decompose', 'dynamic long string long', 'series-decompose-function'),
  decompose_anomalies: macro(
    'kql_series_anomalies',
    'dynamic long string long real string',
    'series-decompose-anomalies-function',
  ),
  decompose_forecast: macro(
    'kql_series_forecast',
    'dynamic long string long',
    'series-decompose-forecast-function',
  ),
  seasonal: macro('kql_series_seasonal', 'dynamic long', 'series-seasonal-function'),
  outliers: macro('kql_series_outliers', 'dynamic string real', 'series-outliers-function'),
};

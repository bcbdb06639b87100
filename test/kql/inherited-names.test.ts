/** Names that every JavaScript object has, where a query may name something of its own. */
import { describe, expect, test } from 'vitest';
import { translate } from './engine.ts';

const PLACES: readonly string[] = [
  'NAME',
  'table("NAME")',
  'union isfuzzy=true NAME, DeviceEvents | count',
  '_GetWatchlist("NAME")',
  'externaldata(a: string)["NAME"]',
  'DeviceEvents | invoke NAME(SHA1)',
  'DeviceEvents | evaluate NAME()',
  'DeviceEvents | extend x = NAME(1)',
  'DeviceEvents | summarize x = NAME(FileSize)',
  'DeviceEvents | evaluate pivot(ActionType, NAME(FileSize))',
  'DeviceEvents | evaluate bag_unpack(AdditionalFields, NAME = "a")',
  'DeviceEvents | join kind=NAME (DeviceEvents) on DeviceId',
  'DeviceEvents | where NAME == 1',
  'declare query_parameters(NAME: string = "x"); print NAME',
  'declare query_parameters(NAME: string); print NAME',
  'let NAME = 1; print NAME',
  'let NAME = DeviceEvents; NAME | count',
  'let NAME = (x: long) { x }; print NAME(1)',
  'datatable(a: NAME)["x"]',
  'print extract("a", 0, "a", typeof(NAME))',
  'print datetime_part("NAME", now())',
  'print datetime_add("NAME", 1, now())',
  'print convert_length(1, "NAME", "Metre")',
  'print convert_temperature(1, "NAME", "Kelvin")',
];

/** What comes of it, the name put back. */
const outcome = (place: string, name: string): unknown => {
  const { sql, diagnostics } = translate(place.replaceAll('NAME', name));
  return { sql: sql.replaceAll(name, 'NAME'), codes: diagnostics.map(({ code }) => code) };
};

describe('a name that every object has means what any other would', () => {
  test.each(PLACES)('%s', (place) => {
    for (const name of ['constructor', 'valueOf'])
      expect(outcome(place, name), name).toEqual(outcome(place, 'undefined_name'));
  });

  test('and is refused, where the parser itself takes no such name', () => {
    for (const name of ['__proto__', 'hasOwnProperty', 'toString'])
      for (const place of PLACES) expect(() => outcome(place, name), `${name} in ${place}`).not.toThrow();
  });
});

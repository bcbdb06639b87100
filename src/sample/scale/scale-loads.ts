import { LIBRARY_NUMBERS } from './scale-files.ts';
import type { ScaleScope } from './scale-options.ts';
import { plantedLoads } from './scale-planted.ts';
import { processNumbers } from './scale-world.ts';

/**
 * The SELECT that gives a day's image loads, `rows` of them before what is planted, nearly in the order of time:
 * a process loads its libraries one after the other when it starts; one load in 12 comes up to 10 minutes later.
 */
export function loadsSelect(scope: ScaleScope, day: number, rows: number): string {
  const { residents, starting } = processNumbers(scope);
  return `
WITH drawn_loads AS (
  SELECT
    n AS number,
    n * ${starting} // ${rows} AS nth,
    draw(n + ${day * 1e11}, 3) AS drawn
  FROM range(${rows}) AS numbers(n)
),
ordinary AS (
  SELECT
    ${residents} + nth AS process,
    -- From the process's start: a step for each load before it, and now and then a long while.
    (number - (nth * ${rows} + ${starting - 1}) // ${starting}) * 18000 + 1000 + drawn % 15000
      + CASE WHEN drawn % 12 = 0 THEN (drawn >> 8) % 600000000 ELSE 0 END AS after,
    CASE
      WHEN fraction(draw(drawn, 4)) < ${scope.cryptoShare} THEN (drawn >> 20) % ${LIBRARY_NUMBERS.watched}
      -- The square makes some libraries common and many rare.
      ELSE ${LIBRARY_NUMBERS.watched}
        + floor(fraction(drawn) * fraction(drawn) * ${LIBRARY_NUMBERS.ordinary})
    END::BIGINT AS library,
    number
  FROM drawn_loads
),
loads AS (
  SELECT process, NULL::BIGINT AS instant, after::BIGINT AS after, library, number FROM ordinary
  UNION ALL
  SELECT process, instant, NULL, library, number FROM (
  ${plantedLoads(scope, day)}
  ) AS planted(process, instant, library, number)
)
SELECT
  make_timestamp(least(coalesce(instant, started + after), ${dayEnd(scope, day)})) AS Timestamp,
  'ImageLoaded' AS ActionType,
  number * 2 + 1 AS ReportId,
  processes.*,
  libraries.* EXCLUDE (library)
FROM loads
JOIN processes USING (process)
JOIN libraries USING (library)`;
}

/** The last microsecond of a day. */
export function dayEnd(scope: ScaleScope, day: number): number {
  return scope.start + (day + 1) * 86_400_000_000 - 1;
}

/** The units of measure that `convert_length()` and its like know. */

/** One of each unit in the quantity's base unit. */
const UNITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  length: {
    Meter: 1,
    Kilometer: 1e3,
    Hectometer: 100,
    Decimeter: 0.1,
    Centimeter: 0.01,
    Millimeter: 1e-3,
    Micrometer: 1e-6,
    Nanometer: 1e-9,
    Foot: 0.3048,
    Inch: 0.0254,
    Yard: 0.9144,
    Mile: 1609.344,
    NauticalMile: 1852,
  },
  mass: {
    Kilogram: 1,
    Gram: 1e-3,
    Milligram: 1e-6,
    Microgram: 1e-9,
    Tonne: 1e3,
    Pound: 0.45359237,
    Ounce: 0.028349523125,
    Stone: 6.35029318,
    ShortTon: 907.18474,
    LongTon: 1016.0469088,
  },
  energy: {
    Joule: 1,
    Kilojoule: 1e3,
    Megajoule: 1e6,
    BritishThermalUnit: 1055.05585262,
    Calorie: 4.184,
    Kilocalorie: 4184,
    WattHour: 3600,
    KilowattHour: 3.6e6,
    MegawattHour: 3.6e9,
    ElectronVolt: 1.602176565e-19,
  },
  angle: {
    Radian: 1,
    Degree: Math.PI / 180,
    Gradian: Math.PI / 200,
    Arcminute: Math.PI / 10800,
    Arcsecond: Math.PI / 648000,
    Revolution: 2 * Math.PI,
  },
  speed: {
    MeterPerSecond: 1,
    MeterPerMinute: 1 / 60,
    MeterPerHour: 1 / 3600,
    KilometerPerSecond: 1e3,
    KilometerPerHour: 1 / 3.6,
    CentimeterPerSecond: 0.01,
    FootPerSecond: 0.3048,
    MilePerHour: 0.44704,
  },
  volume: {
    CubicMeter: 1,
    CubicKilometer: 1e9,
    CubicDecimeter: 1e-3,
    CubicCentimeter: 1e-6,
    CubicMillimeter: 1e-9,
    Hectoliter: 0.1,
    Liter: 1e-3,
    Deciliter: 1e-4,
    Centiliter: 1e-5,
    Milliliter: 1e-6,
  },
  force: {
    Newton: 1,
    Decanewton: 10,
    Kilonewton: 1e3,
    Meganewton: 1e6,
    Millinewton: 1e-3,
    Micronewton: 1e-6,
    Dyn: 1e-5,
  },
};
const TEMPERATURES: Readonly<Record<string, readonly [factor: number, offset: number]>> = {
  Kelvin: [1, 0],
  DegreeCelsius: [1, 273.15],
  DegreeFahrenheit: [5 / 9, 459.67 * (5 / 9)],
  DegreeRankine: [5 / 9, 0],
};

export function knowsUnits(quantity: string, ...names: readonly string[]): boolean {
  const table: Readonly<Record<string, unknown>> =
    quantity === 'temperature' ? TEMPERATURES : (UNITS[quantity] ?? {});
  return names.every((name) => name in table);
}

/** The value in the other unit; null where a unit is unknown. */
export function inUnit(value: number, quantity: string, from: string, to: string): number | null {
  if (!knowsUnits(quantity, from, to)) return null;
  if (quantity === 'temperature') {
    const [[a, b], [c, d]] = [TEMPERATURES[from]!, TEMPERATURES[to]!];
    return (value * a + b - d) / c;
  }
  return (value * UNITS[quantity]![from]!) / UNITS[quantity]![to]!;
}

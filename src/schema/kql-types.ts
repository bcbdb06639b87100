/** The scalar types of KQL, by the names Kusto prints. https://learn.microsoft.com/kusto/query/scalar-data-types/ */
const KQL_TYPES = [
  'bool',
  'datetime',
  'decimal',
  'dynamic',
  'guid',
  'int',
  'long',
  'real',
  'string',
  'timespan',
] as const;

/** The name of a scalar type of KQL. */
export type KqlType = (typeof KQL_TYPES)[number];

export const isKqlType = (name: string): name is KqlType => (KQL_TYPES as readonly string[]).includes(name);

/** A column of a table or of a result. */
export interface Column {
  readonly name: string;
  readonly type: KqlType;
}

/** What a table's view needs to derive RemoteIPType from RemoteIP: macros that must exist before it. */
export const ADDRESS_CLASS_MACROS = 'address_class';

/** The column that is derived, and from which. */
export const CLASSIFIED = { column: 'RemoteIPType', from: 'RemoteIP' } as const;

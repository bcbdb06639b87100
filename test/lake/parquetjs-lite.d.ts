/** The little of parquetjs-lite that the tests write files with. */
declare module 'parquetjs-lite' {
  class ParquetSchema {
    constructor(fields: object);
  }
  class ParquetWriter {
    static openFile(schema: ParquetSchema, path: string): Promise<ParquetWriter>;
    appendRow(row: object): Promise<void>;
    close(): Promise<void>;
  }
  const parquet: { ParquetSchema: typeof ParquetSchema; ParquetWriter: typeof ParquetWriter };
  export default parquet;
}

/** Which file lowers which tabular operator. */
import type { SyntaxNode } from '../../parser.ts';
import { lowerCount } from '../count.ts';
import { lowerDatatable } from '../datatable.ts';
import { lowerDistinct } from '../distinct.ts';
import { lowerEvaluate } from '../evaluate/evaluate.ts';
import { lowerExtend } from '../extend.ts';
import { lowerExternaldata } from '../externaldata.ts';
import { lowerFind } from '../find.ts';
import { lowerGetschema } from '../getschema.ts';
import { lowerInvoke } from '../invoke.ts';
import { lowerJoin } from '../join.ts';
import { lowerLookup } from '../lookup.ts';
import { lowerMakeSeries } from '../make-series.ts';
import { lowerMvApply } from '../mv-apply.ts';
import { lowerMvExpand } from '../mv-expand.ts';
import { lowerParse, lowerParseWhere } from '../parse.ts';
import { lowerParseKv } from '../parse-kv.ts';
import { lowerPartition } from '../partition.ts';
import { lowerPrint } from '../print.ts';
import {
  lowerProject,
  lowerProjectAway,
  lowerProjectKeep,
  lowerProjectRename,
  lowerProjectReorder,
} from '../project.ts';
import { lowerRange } from '../range.ts';
import { lowerRender } from '../render.ts';
import { lowerScan } from '../scan/scan.ts';
import { lowerSearch, lowerSearchSource } from '../search.ts';
import { lowerSerialize } from '../serialize.ts';
import { lowerSort } from '../sort.ts';
import { lowerSummarize } from '../summarize.ts';
import { lowerSample, lowerSampleDistinct, lowerTake } from '../take.ts';
import { lowerTop } from '../top.ts';
import { lowerTopHitters } from '../top-hitters.ts';
import { lowerTopNested } from '../top-nested.ts';
import { lowerUnion, lowerUnionSource } from '../union.ts';
import { lowerWhere } from '../where.ts';
import { lowerAs } from './as.ts';
import type { Context, Relation } from './context.ts';

export type Operator = (context: Context & { row: Relation }, node: SyntaxNode) => Relation;

export const OPERATORS: Readonly<Record<string, Operator>> = {
  AsOperator: lowerAs,
  CountOperator: lowerCount,
  DistinctOperator: lowerDistinct,
  EvaluateOperator: lowerEvaluate,
  ExtendOperator: lowerExtend,
  FilterOperator: lowerWhere,
  GetSchemaOperator: lowerGetschema,
  InvokeOperator: lowerInvoke,
  JoinOperator: lowerJoin,
  LookupOperator: lowerLookup,
  MakeSeriesOperator: lowerMakeSeries,
  MvApplyOperator: lowerMvApply,
  MvExpandOperator: lowerMvExpand,
  ParseKvOperator: lowerParseKv,
  ParseOperator: lowerParse,
  ParseWhereOperator: lowerParseWhere,
  PartitionOperator: lowerPartition,
  ProjectAwayOperator: lowerProjectAway,
  ProjectKeepOperator: lowerProjectKeep,
  ProjectOperator: lowerProject,
  ProjectRenameOperator: lowerProjectRename,
  ProjectReorderOperator: lowerProjectReorder,
  RenderOperator: lowerRender,
  SampleDistinctOperator: lowerSampleDistinct,
  SampleOperator: lowerSample,
  ScanOperator: lowerScan,
  SearchOperator: lowerSearch,
  SerializeOperator: lowerSerialize,
  SortOperator: lowerSort,
  SummarizeOperator: lowerSummarize,
  TakeOperator: lowerTake,
  TopHittersOperator: lowerTopHitters,
  TopNestedOperator: lowerTopNested,
  TopOperator: lowerTop,
  UnionOperator: lowerUnion,
};

export const SOURCES: Readonly<Record<string, (context: Context, node: SyntaxNode) => Relation>> = {
  DataTableExpression: lowerDatatable,
  ExternalDataExpression: lowerExternaldata,
  FindOperator: lowerFind,
  PrintOperator: lowerPrint,
  RangeOperator: lowerRange,
  SearchOperator: lowerSearchSource,
  UnionOperator: lowerUnionSource,
};

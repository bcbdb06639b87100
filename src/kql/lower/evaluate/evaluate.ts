/** `evaluate`: plugins. */
import { own } from '../../../own.ts';
import { elements, type SyntaxNode } from '../../parser.ts';
import { type Context, nameOf, type Relation, refuse } from '../query/context.ts';
import { ACTIVITY_PLUGINS } from './activity-plugins.ts';
import { lowerBagUnpack } from './bag-unpack.ts';
import { lowerDcountIntersect } from './dcount-intersect.ts';
import { lowerIpLookup } from './ip-lookup.ts';
import { lowerPivot } from './pivot.ts';
import { lowerRollingPercentile } from './rolling-percentile.ts';
import { lowerRowsNear } from './rows-near.ts';
import { lowerSchemaMerge } from './schema-merge.ts';

type Plugin = (
  context: Context & { row: Relation },
  args: readonly SyntaxNode[],
  node: SyntaxNode,
) => Relation;

const PLUGINS: Readonly<Record<string, Plugin>> = {
  bag_unpack: lowerBagUnpack,
  pivot: lowerPivot,
  ipv4_lookup: lowerIpLookup({ first: 'parse_ipv4', last: 'ipv4_last' }, 'after'),
  ipv6_lookup: lowerIpLookup({ first: 'ipv6_first', last: 'ipv6_last' }, 'before'),
  ...ACTIVITY_PLUGINS,
  dcount_intersect: lowerDcountIntersect,
  rolling_percentile: lowerRollingPercentile,
  rows_near: lowerRowsNear,
  schema_merge: lowerSchemaMerge,
};

export function lowerEvaluate(context: Context & { row: Relation }, node: SyntaxNode): Relation {
  const call = node.FunctionCall as SyntaxNode;
  const name = nameOf(call.Name);
  const plugin = own(PLUGINS, name);
  if (!plugin) return refuse('MG007', `the plugin ${name} has no translation`, node);
  if (context.row.group)
    return refuse('MG003', `${name} inside mv-apply or partition has no translation`, node);
  return plugin(context, elements(call.ArgumentList.Expressions), node);
}

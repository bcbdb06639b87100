/** An operator of the engine's plan, as `EXPLAIN (FORMAT json)` gives it. */
export interface PlanNode {
  readonly name: string;
  readonly children: readonly PlanNode[];
  readonly extra_info: Readonly<Record<string, string | readonly string[]>>;
}

/** What an operator does, in the order in which a reader asks; the rest is the engine's own affair. */
const TOLD = [
  'Function',
  'CTE Name',
  'Join Type',
  'Conditions',
  'Filters',
  'File Filters',
  'Projections',
  'Groups',
  'Order By',
];

/**
 * A plan as an indented outline, the last step first, one operator a line with what it does: the engine's own
 * drawing of this plan is thousands of characters wide.
 */
export function planText(nodes: readonly PlanNode[]): string {
  return `${nodes.flatMap((node) => outline(node, 0)).join('\n')}\n`;
}

function outline(node: PlanNode, depth: number): string[] {
  // A projection only passes columns on.
  if (node.name.trim() === 'PROJECTION') return node.children.flatMap((child) => outline(child, depth));
  const details = TOLD.flatMap((key) => told(key, node.extra_info[key]));
  const rows = node.extra_info['Estimated Cardinality'];
  const about = rows === undefined ? '' : `  (about ${Number(rows).toLocaleString('en-US')} rows)`;
  const indent = '  '.repeat(depth);
  return [
    `${indent}${node.name.trim()}${about}`,
    ...details.map((detail) => `${indent}    ${detail}`),
    ...node.children.flatMap((child) => outline(child, depth + 1)),
  ];
}

function told(key: string, value: string | readonly string[] | undefined): string[] {
  if (value === undefined || value.length === 0 || value === 'PARQUET_SCAN') return [];
  const words = typeof value === 'string' ? value.replaceAll('\n', ' ') : value.join(', ');
  return words.includes('__internal') ? [] : [`${key.toLowerCase()}: ${words}`];
}

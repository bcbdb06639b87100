/** The states of a `scan` of several steps, and how a row changes them. */
import { filter, first, join, type Plan, type State } from '../../../plan/nodes.ts';
import { replaced } from '../../../plan/rebuild.ts';
import { column, literal, type Scalar } from '../../../plan/scalar.ts';
import type { KqlType } from '../../../schema/kql-types.ts';
import { callRow } from '../../functions/call.ts';
import type { SyntaxNode } from '../../parser.ts';
import { arithmetic } from '../expression/arithmetic.ts';
import { asBool } from '../expression/binary.ts';
import { lowerExpression } from '../expression/expression.ts';
import { type Context, findColumn, type Relation, refuse } from '../query/context.ts';
import { columnsOf, groupKeys, type NamedValue, uniqueRefs } from '../query/relation.ts';
import { assignments, lookedBack, type Step } from './scan.ts';

type Row = Context & { row: Relation };

interface Value {
  readonly step: number;
  readonly name: string;
  readonly type: KqlType;
  /** How expressions of the steps name it before it is known which step's state they read. */
  readonly ref: string;
}

export class ScanMachine {
  readonly #row: Relation;
  readonly #steps: readonly Step[];
  readonly #node: SyntaxNode;
  readonly #context: Row;
  readonly #values: readonly Value[];
  readonly #conditions: readonly Scalar[];
  readonly #assigned: readonly ReadonlyMap<string, Scalar>[];

  constructor(context: Row, steps: readonly Step[], node: SyntaxNode) {
    this.#row = context.row;
    this.#steps = steps;
    this.#node = node;
    this.#values = steps.flatMap(({ name }, step) => {
      const back = steps.flatMap((each) => lookedBack(each.node, name));
      return [...new Set([...steps[0]!.declared.map((each) => each.name), ...back])].map((each) => {
        const found = findColumn(context.row, each) ?? refuse('KS142', `unknown column '${each}'`, node);
        return { step, name: each, type: found.type, ref: `${name}.${each}` };
      });
    });
    const known = new Map(
      steps.map(({ name }, step): [string, Relation] => [
        name,
        {
          plan: context.row.plan,
          ordered: true,
          columns: this.#values
            .filter((each) => each.step === step)
            .map(({ name: own, ref, type }) => ({ name: own, ref, type, nullable: true })),
        },
      ]),
    );
    this.#context = { ...context, steps: known };
    this.#conditions = steps.map((step) =>
      asBool(lowerExpression(this.#context, step.node.Condition), step.node),
    );
    this.#assigned = steps.map(
      (step) => new Map(assignments(this.#context, step).map(({ name, value }) => [name, value])),
    );
  }

  /** What a step's value was before any row. */
  #initial({ name, type }: Value): Scalar {
    return this.#steps[0]!.declared.find((each) => each.name === name)?.value ?? literal(type, null);
  }

  #left(name: string, type: KqlType): Scalar {
    return column(name, type, { side: 'left' });
  }

  #stateName = (holder: number, { step, name }: Value): string => `scan${holder + 1}_${step + 1}_${name}`;
  #active = (step: number): string => `scan${step + 1}_active`;
  #id = (step: number): string => `scan${step + 1}_id`;
  #hit = (step: number): string => `scan${step + 1}_hit`;

  #yes(value: Scalar): Scalar {
    return callRow('coalesce', [value, literal('bool', false)], this.#node, 'bool');
  }

  #call = (name: string, args: Scalar[], type?: KqlType): Scalar => callRow(name, args, this.#node, type);

  /** An expression of a step, read over the state that another step holds. */
  #over(value: Scalar, step: number, holder: number, cleared?: Scalar): Scalar {
    return replaced(value, (part) => {
      if (part.kind !== 'column') return undefined;
      const found = this.#values.find(({ ref }) => ref === part.name);
      if (!found) return { ...part, side: 'right' };
      if (found.step > step)
        refuse('MG003', 'a step that reads a later step has no translation', this.#steps[step]!.node);
      if (found.step > holder) return this.#initial(found);
      const held = this.#left(this.#stateName(holder, found), found.type);
      return cleared ? this.#call('case', [cleared, this.#initial(found), held], found.type) : held;
    });
  }

  /** Check 1: the step before has a sequence, and the row goes on with it. */
  #promoted(step: number): Scalar {
    if (step === 0 || step >= this.#steps.length) return literal('bool', false);
    const active = this.#left(this.#active(step - 1), 'bool');
    return this.#yes(this.#call('and', [active, this.#over(this.#conditions[step]!, step, step - 1)]));
  }

  /** Check 2: the step's own sequence goes on, or the first step begins one. */
  #repeated(step: number): Scalar {
    const cleared = this.#promoted(step + 1);
    const last = step === this.#steps.length - 1;
    const test = this.#over(this.#conditions[step]!, step, step, step === 0 && !last ? cleared : undefined);
    if (step === 0) return this.#yes(test);
    const active = this.#call('and', [this.#left(this.#active(step), 'bool'), this.#call('not', [cleared])]);
    const fresh = this.#call('and', [active, this.#call('not', [this.#promoted(step)])]);
    return this.#yes(this.#call('and', [fresh, test]));
  }

  states(): State[] {
    const count = this.#left('scan_count', 'long');
    const one = literal('long', 1n);
    const all: State[] = [];
    for (const [step] of this.#steps.entries()) {
      const [promoted, repeated, cleared] = [
        this.#promoted(step),
        this.#repeated(step),
        this.#promoted(step + 1),
      ];
      const hit = this.#call('or', [promoted, repeated]);
      const id = this.#left(this.#id(step), 'long');
      const wasActive = this.#left(this.#active(step), 'bool');
      const goesOn = this.#call('and', [wasActive, this.#call('not', [cleared])]);
      const after = this.#call('case', [hit, literal('bool', true), goesOn], 'bool');
      const begins = step === 0 ? this.#call('and', [repeated, this.#call('not', [goesOn])]) : undefined;
      all.push({ name: this.#hit(step), initial: literal('bool', false), value: hit });
      all.push({ name: this.#active(step), initial: literal('bool', false), value: after });
      const before = step > 0 ? this.#left(this.#id(step - 1), 'long') : count;
      all.push({
        name: this.#id(step),
        initial: literal('long', 0n),
        value: this.#call('case', [begins ?? promoted, before, id], 'long'),
      });
      if (begins)
        all.push({
          name: 'scan_count',
          initial: literal('long', 0n),
          value: this.#call('case', [begins, arithmetic('add', count, one, this.#node), count], 'long'),
        });
      for (const value of this.#values.filter((each) => each.step <= step)) {
        all.push({
          name: this.#stateName(step, value),
          initial: this.#initial(value),
          value: this.#next(step, value, promoted, repeated),
        });
      }
    }
    return all;
  }

  #next(step: number, value: Value, promoted: Scalar, repeated: Scalar): Scalar {
    const kept = this.#left(this.#stateName(step, value), value.type);
    if (value.step < step) {
      const before = this.#left(this.#stateName(step - 1, value), value.type);
      return this.#call('case', [promoted, before, kept], value.type);
    }
    const own = findColumn(this.#row, value.name)!;
    const assigned =
      this.#assigned[step]!.get(value.name) ?? column(own.ref, own.type, { nullable: own.nullable });
    const last = step === this.#steps.length - 1;
    const cleared = step === 0 && !last ? this.#promoted(1) : undefined;
    const again = this.#over(assigned, step, step, cleared);
    if (step === 0) return this.#call('case', [repeated, again, kept], value.type);
    return this.#call(
      'case',
      [promoted, this.#over(assigned, step, step - 1), repeated, again, kept],
      value.type,
    );
  }

  /** A sequence stands at a step once: its id tells one series of matches from the next. */
  #last(hits: Plan, step: number): Plan {
    return first(
      hits,
      [column(this.#id(step), 'long', { nullable: false })],
      [
        {
          value: column(this.#row.rowNumber!, 'long', { nullable: false }),
          descending: true,
          nullsFirst: false,
        },
      ],
      { label: `${this.#steps[step]!.name}_last` },
    );
  }

  /** The rows that matched a step, with their declared columns as the step left them; of one row's, the last step's first. */
  matches(carried: Plan, step: number, matchId: string | undefined): Relation {
    const row = this.#row;
    const number = row.rowNumber!;
    const hits = filter(carried, column(this.#hit(step), 'bool', { nullable: false }), {
      label: `${this.#steps[step]!.name}_matched`,
    });
    const matched = this.#steps[step]!.output === 'last' ? this.#last(hits, step) : hits;
    const at = (side: 'left' | 'right'): Scalar => column(number, 'long', { nullable: false, side });
    const right = (name: string, type: KqlType): Scalar => column(name, type, { side: 'right' });
    const declared = new Set(this.#steps[0]!.declared.map(({ name }) => name));
    const items: NamedValue[] = row.columns.map((each) => {
      const value = this.#values.find((known) => known.step === step && known.name === each.name);
      return {
        name: each.name,
        value:
          declared.has(each.name) && value
            ? right(this.#stateName(step, value), each.type)
            : column(each.ref, each.type, { nullable: each.nullable, side: 'left' }),
      };
    });
    if (matchId !== undefined) items.push({ name: matchId, value: right(this.#id(step), 'long') });
    const size = this.#steps.length;
    const place = arithmetic(
      'add',
      arithmetic('multiply', at('left'), literal('long', BigInt(size)), this.#node),
      literal('long', BigInt(size - 1 - step)),
      this.#node,
    );
    const hidden: NamedValue[] = [
      { name: number, value: place },
      ...groupKeys(row).map(({ name }) => ({
        name,
        value: column(name, 'long', { nullable: false, side: 'left' }),
      })),
    ];
    const refs = uniqueRefs([...items, ...hidden].map(({ name }) => name));
    const plan = join(
      'inner',
      row.plan,
      matched,
      this.#call('same', [at('left'), at('right')]),
      [...items, ...hidden].map(({ value }, index) => ({ name: refs[index]!, value })),
      { label: `${this.#steps[step]!.name}_rows` },
    );
    return {
      plan,
      ordered: true,
      rowNumber: refs[items.length]!,
      ...(row.group !== undefined && { group: refs.at(-1)! }),
      ...(row.groupRows !== undefined && { groupRows: row.groupRows }),
      columns: columnsOf(items, refs),
    };
  }
}

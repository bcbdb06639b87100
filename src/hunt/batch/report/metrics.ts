import type { RunReport } from './run-report.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly unit?: string;
  readonly samples: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

/**
 * A run as OpenMetrics text, which a node exporter's textfile collector also takes.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export function metricsText(report: RunReport): string {
  return `${metricsOf(report).map(metricText).join('')}# EOF\n`;
}

function metricsOf({ started, files, rows, findings, seconds, ...report }: RunReport): Metric[] {
  const one = (name: string, help: string, value: number, unit?: string): Metric => ({
    name,
    help,
    ...(unit === undefined ? {} : { unit }),
    samples: [{ value }],
  });
  return [
    one(
      'merganser_batch_start_time_seconds',
      'When the last run began, since the epoch',
      Date.parse(started) / 1000,
      'seconds',
    ),
    {
      name: 'merganser_batch_files',
      help: 'Files of the lake by what the last run did with them',
      samples: Object.entries({
        read: files.read,
        reused: files.reused,
        failed: files.failed.length,
        vanished: files.vanished,
      }).map(([what, value]) => ({ labels: { what }, value })),
    },
    one('merganser_batch_read_bytes', 'Bytes of the files that the last run read', report.bytesRead, 'bytes'),
    one('merganser_batch_read_rows', 'Rows of the files that the last run read, where they tell', rows.read),
    one('merganser_batch_kept_rows', 'Rows that the slices of those files keep', rows.kept),
    {
      name: 'merganser_batch_findings',
      help: 'Findings by their status against the run before',
      samples: findings.flatMap((each) =>
        (['new', 'continuing', 'gone', 'suppressed'] as const).map((status) => ({
          labels: { name: each.name, detection: each.detection, status },
          value: each[status],
        })),
      ),
    },
    {
      name: 'merganser_batch_duration_seconds',
      help: 'How long the last run took, by stage',
      unit: 'seconds',
      samples: Object.entries(seconds).map(([stage, value]) => ({ labels: { stage }, value })),
    },
    one(
      'merganser_batch_peak_memory_bytes',
      'Most memory that the process has held',
      report.peakMemoryBytes,
      'bytes',
    ),
    one('merganser_batch_disk_bytes', 'Size of the slices and results', report.diskBytes, 'bytes'),
  ];
}

function metricText({ name, help, unit, samples }: Metric): string {
  const heading = [
    `# TYPE ${name} gauge`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${help}`,
  ];
  const lines = samples.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}`);
  return `${[...heading, ...lines].join('\n')}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

import { Command } from 'commander';
import { type DetectionTest, testDetection } from '../../api/test-detection.ts';
import { counted } from '../../counted.ts';
import { findDetections, listDetections } from '../../hunt/detection/find-detections.ts';
import { collectFolder } from '../option-values.ts';
import { print, type Terminal } from '../terminal.ts';

interface TestFlags {
  readonly detections?: string[];
}

/** `merganser test [detection]`: checks detections and runs their cases. Exit code 1 where anything is wrong. */
export function testCommand(terminal: Terminal, exit: (code: number) => void): Command {
  return new Command('test')
    .description(
      'check detections and run their cases: what they must find, must not, and how much of the ordinary',
    )
    .argument('[detection]', 'technique, full id, or technique/* (default: all)')
    .option(
      '--detections <dir>',
      'a folder of your own, <technique>/<name>.sql; may be repeated',
      collectFolder,
    )
    .action(async (name: string | undefined, flags: TestFlags) => {
      const folders = flags.detections ?? [];
      const detections = name === undefined ? listDetections(folders) : findDetections(name, folders);
      let wrong = 0;
      for (const detection of detections) {
        const tested = await testDetection(detection);
        await print(terminal, resultText(tested));
        wrong += tested.problems.length;
      }
      exit(wrong === 0 ? 0 : 1);
    });
}

function resultText({ id, hits, misses, baselines, problems }: DetectionTest): string {
  const ran = [
    counted(hits, 'hit'),
    counted(misses, 'near miss', 'near misses'),
    counted(baselines, 'baseline'),
  ].join(', ');
  return [
    `${problems.length === 0 ? 'ok    ' : 'failed'}  ${id}  (${ran})`,
    ...problems.map((problem) => `        ${problem}`),
    '',
  ].join('\n');
}

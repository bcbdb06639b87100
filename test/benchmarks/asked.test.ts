import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { questionsAsked } from '../../benchmarks/asked.ts';
import { projectPath } from '../../benchmarks/project.ts';
import { QUESTIONS } from '../../benchmarks/questions/questions.ts';

const names = (...asked: Parameters<typeof questionsAsked>) =>
  questionsAsked(...asked).map(({ name }) => name);
const all = QUESTIONS.map(({ name }) => name);

test('a full run asks everything, any other that names nothing leaves out what takes an hour', () => {
  expect(names([], { full: true })).toEqual(all);
  expect(names([], {})).toEqual(all.filter((name) => name !== 'billion' && name !== 'batch'));
});

test('what is named is asked, however large; a profile alone asks what compares on it', () => {
  expect(names(['batch'], {})).toEqual(['batch']);
  expect(names([], { profile: 'year' })).toEqual(['floor', 'naive']);
});

test('a name that is no question is answered with those there are', () => {
  expect(() => questionsAsked(['flor'], {})).toThrow(/no question flor: there are .*floor/);
});

// The program itself, as far as its first question: its parts can be right and it can fail to begin.
test('the quick run of everything begins', () => {
  const script = `
    process.argv = [process.argv[0], '--quick', '--lakes', '/dev/null/none'];
    import('vite').then((vite) => vite.runnerImport('./benchmarks/main.ts'));`;
  const { stderr } = spawnSync(process.execPath, ['-e', script], { cwd: projectPath(), encoding: 'utf8' });
  expect(stderr).toMatch(/ENOTDIR|ENOENT/);
  expect(stderr).not.toMatch(/before initialization|is not defined/);
});

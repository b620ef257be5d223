/**
 * Seeds that once failed: `seeds/<scenario>.txt`, one `seed ticks` a line, `#` for why. They are
 * replayed before any other, so that what was mended stays mended.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Failure } from './run-seed.ts';

export type KeptSeed = { readonly seed: number; readonly ticks: number };

export function readKeptSeeds(scenario: string): readonly KeptSeed[] {
  const path = pathOf(scenario);
  return existsSync(path) ? parseKeptSeeds(readFileSync(path, 'utf8')) : [];
}

/** @throws Error for a line that isn't a seed and its ticks */
export function parseKeptSeeds(text: string): readonly KeptSeed[] {
  return text.split('\n').flatMap((line) => {
    const content = line.replace(/#.*/, '').trim();
    if (content === '') return [];
    const match = /^(\d+)\s+(\d+)$/.exec(content);
    if (match === null) throw new Error(`not a kept seed: ${line}`);
    return [{ seed: Number(match[1]), ticks: Number(match[2]) }];
  });
}

export function keepSeed({ scenario, seed, ticks, invariant }: Failure): void {
  const known = readKeptSeeds(scenario);
  if (known.some((each) => each.seed === seed && each.ticks === ticks)) return;
  appendFileSync(pathOf(scenario), `${seed} ${ticks} # ${invariant}\n`);
}

function pathOf(scenario: string): string {
  return fileURLToPath(new URL(`../seeds/${scenario}.txt`, import.meta.url));
}

import { describe, expect, it } from 'vitest';
import { describeMigration, type MigrationFile } from './migration-files.ts';
import { planMigrations } from './plan.ts';

function file(name: string, sql = 'SELECT 1;\n'): MigrationFile {
  return { name, ...describeMigration(sql) };
}

function applied({ name, checksum }: MigrationFile, finished = true) {
  return { name, checksum, finished };
}

const one = file('20260101000000_one');
const two = file('20260102000000_two');

describe('planMigrations', () => {
  it('applies what is missing', () => {
    expect(planMigrations([one, two], [], false)).toEqual({
      ok: true,
      value: { pending: [one, two], unknown: [] },
    });
    expect(planMigrations([one, two], [applied(one)], false)).toEqual({
      ok: true,
      value: { pending: [two], unknown: [] },
    });
  });

  it('names what only a newer release knows', () => {
    expect(planMigrations([one], [applied(one), applied(two)], false)).toEqual({
      ok: true,
      value: { pending: [], unknown: [two.name] },
    });
  });

  it('gives every reason against it at once', () => {
    const unmarked = file('20260103000000_unmarked', 'DROP TABLE a;\n');
    const marked = file('20260104000000_marked', '-- destructive: old\nDROP TABLE b;\n');
    const late = file('20250101000000_late');
    const history = [{ ...applied(one), checksum: 'other' }, applied(two, false)];
    const plan = planMigrations([late, one, two, unmarked, marked], history, false);
    expect(plan.ok ? [] : plan.error).toEqual([
      expect.stringContaining('20260102000000_two was begun and never finished'),
      '20260101000000_one was changed after it had been applied',
      '20250101000000_late is older than 20260102000000_two, which is applied already',
      '20260103000000_unmarked has "DROP TABLE" and no first line "-- destructive: <reason>"',
      '20260104000000_marked is destructive (old): run it with --allow-destructive',
    ]);
  });

  it('applies a marked migration where that is allowed, never an unmarked one', () => {
    const marked = file('20260104000000_marked', '-- destructive: old\nDROP TABLE b;\n');
    expect(planMigrations([marked], [], true).ok).toBe(true);
    const unmarked = file('20260103000000_unmarked', 'DROP TABLE a;\n');
    expect(planMigrations([unmarked], [], true).ok).toBe(false);
  });
});

import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { findDestructive } from './destructive.ts';
import { describeMigration, readMigrations } from './migration-files.ts';

describe('findDestructive', () => {
  it.each([
    ['DROP TABLE users;', 'DROP TABLE'],
    ['drop\n  table users;', 'drop table'],
    ['ALTER TABLE users DROP COLUMN name;', 'DROP COLUMN'],
    ['ALTER TABLE users DROP name;', 'ALTER TABLE users DROP name'],
    ['ALTER TABLE users ADD a int, DROP IF EXISTS name;', 'ALTER TABLE'],
    ['ALTER TABLE users ALTER COLUMN name TYPE int USING 0;', 'TYPE'],
    ['ALTER TABLE users ALTER name SET DATA TYPE int;', 'TYPE'],
    ['TRUNCATE users;', 'TRUNCATE'],
    ['SELECT 1; TRUNCATE TABLE users;', 'TRUNCATE'],
    ['DELETE FROM users;', 'DELETE FROM'],
    ['WITH gone AS (DELETE FROM users RETURNING *) SELECT 1;', 'DELETE FROM'],
    ['DO $$ BEGIN DROP TABLE users; END $$;', 'DROP TABLE'],
    ['DROP SCHEMA public CASCADE;', 'DROP SCHEMA'],
  ])('finds %s', (sql, found) => {
    expect(findDestructive(sql)).toContain(found.split(' ').at(-1));
  });

  it.each([
    'CREATE TABLE users (id int);',
    'ALTER TABLE users ADD COLUMN name text;',
    'ALTER TABLE users DROP CONSTRAINT users_check;',
    'ALTER TABLE users ALTER COLUMN name DROP NOT NULL;',
    'ALTER TABLE users ALTER COLUMN name DROP DEFAULT;',
    'DROP INDEX users_idx; DROP VIEW v; DROP TRIGGER t ON users; DROP FUNCTION f();',
    '-- DROP TABLE users\n/* TRUNCATE users; */ SELECT 1;',
    'CREATE TRIGGER t BEFORE UPDATE OR DELETE OR TRUNCATE ON users EXECUTE FUNCTION f();',
    'ALTER TABLE a ADD x int REFERENCES b (id) ON DELETE CASCADE;',
    "ALTER TYPE mood ADD VALUE 'sad';",
    'CREATE TYPE mood AS ENUM ();',
  ])('lets %s pass', (sql) => {
    expect(findDestructive(sql)).toBeNull();
  });
});

describe('our migrations', () => {
  it('are marked where they are destructive, and only there', async () => {
    const directory = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
    const migrations = await readMigrations(directory);
    expect(migrations.length).toBeGreaterThan(0);
    for (const { name, sql, destructiveReason } of migrations) {
      expect({ name, marked: destructiveReason !== null }).toEqual({
        name,
        marked: findDestructive(sql) !== null,
      });
    }
  });

  it('are marked by their first line', () => {
    const marked = describeMigration('-- destructive: nobody reads it\nDROP TABLE a;\n');
    expect(marked.destructiveReason).toBe('nobody reads it');
    expect(describeMigration('\n-- destructive: late\n').destructiveReason).toBeNull();
    expect(describeMigration('-- destructive:\nDROP TABLE a;\n').destructiveReason).toBeNull();
  });
});

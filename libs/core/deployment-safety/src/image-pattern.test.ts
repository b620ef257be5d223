import { required } from '@windlass/base';
import { describe, expect, it } from 'vitest';
import { imagePatternProblem, matchesImage } from './image-pattern.ts';
import { parseImageReference } from './image-reference.ts';

const digest = `sha256:${'0'.repeat(64)}`;

/** pattern: images that it allows, then images that it doesn't. */
const table: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'nginx',
    [
      'nginx',
      'nginx:1.27',
      `nginx@${digest}`,
      `nginx:1.27@${digest}`,
      'library/nginx',
      'docker.io/nginx',
      'docker.io/library/nginx:1',
      'index.docker.io/library/nginx',
    ],
    [
      'nginx2',
      'acme/nginx',
      'ghcr.io/nginx',
      'ghcr.io/library/nginx',
      'localhost/nginx',
      'docker.io/library/nginx/x',
    ],
  ],
  ['docker.io/library/nginx', ['nginx:1.27'], ['acme/nginx']],
  ['*', ['nginx', 'redis:7'], ['acme/web', 'ghcr.io/web']],
  [
    'acme/*',
    ['acme/web:1', 'docker.io/acme/web'],
    ['acme/tools/web', 'ghcr.io/acme/web', 'acme2/web', 'acme'],
  ],
  ['acme/web-*', ['acme/web-a', 'acme/web-b:2'], ['acme/web', 'acme/xweb-a']],
  [
    'ghcr.io/acme/**',
    ['ghcr.io/acme/web', 'ghcr.io/acme/tools/web:1', 'GHCR.io/acme/web'],
    [
      'ghcr.io/acme',
      'ghcr.io/acme2/web',
      'ghcr.io/other/acme/web',
      'ghcr.io.evil.example/acme/web',
      'acme/web',
    ],
  ],
  [
    'registry.example.com:5000/**',
    ['registry.example.com:5000/a/b/c:1', `registry.example.com:5000/a@${digest}`],
    ['registry.example.com/a', 'registry.example.com:5001/a', 'registry.example.com:50001/a'],
  ],
  [
    '*.pkg.dev/acme/**',
    ['europe-docker.pkg.dev/acme/x'],
    ['pkg.dev/acme/x', 'evilpkg.dev/acme/x', 'a.pkg.dev.evil.example/acme/x'],
  ],
  ['localhost:5000/web', ['localhost:5000/web:dev'], ['localhost/web', 'web']],
];

describe('matchesImage', () => {
  for (const [pattern, allowed, refused] of table) {
    it(`takes ${pattern} as documented`, () => {
      expect(imagePatternProblem(pattern)).toBeNull();
      expect(allowed.filter((image) => !matches(pattern, image))).toEqual([]);
      expect(refused.filter((image) => matches(pattern, image))).toEqual([]);
    });
  }
});

describe('imagePatternProblem', () => {
  it.each([
    '',
    '/',
    'a//b',
    'nginx:1.27',
    'ghcr.io/acme/web@sha256:0',
    'registry:5000',
    '**',
    'a/**/b',
    'a/b**',
    'a b',
    'ghcr.io/acme/',
  ])('refuses %j', (pattern) => {
    expect(imagePatternProblem(pattern)).not.toBeNull();
  });
});

describe('parseImageReference', () => {
  it.each([
    '',
    ':',
    'a:',
    ':a',
    '@',
    'Nginx',
    'a/',
    '/a',
    'a//b',
    'a b',
    'nginx:tag:tag',
    'nginx@sha256:12',
    `a@${digest}@${digest}`,
    '-a/b',
    'a..b',
    'http://a/b',
    'a\n',
    `${'a/'.repeat(128)}a`,
  ])('takes %j for no reference', (text) => {
    expect(parseImageReference(text)).toBeNull();
  });

  it('reads every part', () => {
    expect(parseImageReference(`reg.example:5000/a/b__c:V1.2_x@${digest}`)).toEqual({
      registry: 'reg.example:5000',
      repository: 'a/b__c',
      tag: 'V1.2_x',
      digest,
    });
  });
});

function matches(pattern: string, image: string): boolean {
  return matchesImage(pattern, required(parseImageReference(image), image));
}

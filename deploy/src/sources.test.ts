/** What must agree across the files of deploy/, without a server. `UPDATE=1` copies the shared templates. */
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { infraModuleDir, pinnedVersion } from '@windlass/testkit';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  appCharts,
  chartDir,
  chartNames,
  parseManifests,
  repositoryDir,
} from './testing/charts.ts';
import { readDockerfile, type Stage } from './testing/dockerfile.ts';
import { containerOf, type Manifest } from './testing/manifest.ts';

const deployDir = join(repositoryDir, 'deploy');
const read = (path: string) => readFileSync(join(repositoryDir, path), 'utf8');

type Package = {
  readonly version: string;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const root: Package = JSON.parse(read('package.json'));

describe('the templates that charts share', () => {
  const sharedDir = join(deployDir, 'charts-shared');
  const cases = chartNames.flatMap((chart) =>
    readdirSync(sharedDir).map((file) => [chart, file] as const),
  );

  it.each(cases)('are the same in %s: %s', (chart, file) => {
    const [shared, copy] = [join(sharedDir, file), join(chartDir(chart), 'templates', file)];
    if (process.env['UPDATE'] === '1' && process.env['CI'] === undefined) cpSync(shared, copy);
    expect(readFileSync(copy, 'utf8')).toBe(readFileSync(shared, 'utf8'));
  });
});

describe('versions', () => {
  it.each(chartNames)('of the chart %s are those of the repository', (chart) => {
    const { name, version, appVersion } = parse(read(`deploy/charts/${chart}/Chart.yaml`));
    expect({ name, version, appVersion }).toEqual({
      name: `windlass-${chart}`,
      version: root.version,
      appVersion: root.version,
    });
  });

  it('of Node in the images is that of the repository', () => {
    for (const file of dockerfiles) {
      expect(readDockerfile(file).args['NODE_VERSION']).toBe(root.devDependencies['node']);
    }
  });

  it('of NATS is the one that the tests run on', () => {
    const pinned = pinnedVersion(
      readFileSync(join(infraModuleDir, 'go.mod'), 'utf8'),
      'github.com/nats-io/nats-server/v2',
    );
    const image = `nats:${pinned.slice(1)}-alpine`;
    expect(imagesOf('nats.yaml')).toEqual([image]);
    expect(compose.services['nats']?.image).toBe(image);
    expect(imagesOf('postgresql.yaml')).toEqual([compose.services['postgresql']?.image]);
  });
});

const dockerfiles = readdirSync(join(deployDir, 'images')).map((file) =>
  join(deployDir, 'images', file),
);

function imagesOf(file: string): readonly string[] {
  const workloads = parseManifests(read(`deploy/kubernetes/${file}`)).filter(hasTemplate);
  return workloads.map((workload) => containerOf(workload).image);
}

function hasTemplate({ spec }: Manifest): boolean {
  return spec?.template !== undefined;
}

describe('an image', () => {
  const values = (stage: Stage | undefined, keyword: string) =>
    (stage?.instructions ?? []).filter((each) => each.keyword === keyword).map(({ rest }) => rest);

  it.each(dockerfiles)('of %s runs as a user who is a number and not root', (file) => {
    expect(values(readDockerfile(file).stages.at(-1), 'USER')).toEqual(['65532:65532']);
  });

  it.each(dockerfiles)('of %s starts node itself, and has the labels of OCI', (file) => {
    const [image] = readDockerfile(file).stages.slice(-1);
    const [entryPoint = ''] = values(image, 'ENTRYPOINT');
    expect(JSON.parse(entryPoint)).toEqual(['node', '--enable-source-maps', '/app/main.js']);
    const [labels = ''] = values(image, 'LABEL');
    for (const name of ['title', 'description', 'version', 'revision', 'licenses']) {
      expect(labels).toContain(`org.opencontainers.image.${name}=`);
    }
  });

  it.each(dockerfiles)('of %s takes nothing from the build but what it names', (file) => {
    const { stages } = readDockerfile(file);
    expect(stages.map(({ name, base }) => [name, base])).toEqual([
      ['build', '${NODE_IMAGE}'],
      ['run', '${NODE_IMAGE}'],
    ]);
    for (const copied of values(stages[1], 'COPY')) expect(copied).toMatch(/^--from=build \/src\//);
  });
});

type Compose = {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image: string;
        readonly build?: { readonly dockerfile: string; readonly args?: { readonly APP: string } };
        readonly environment?: Readonly<Record<string, string>>;
        readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
      }
    >
  >;
};
const compose: Compose = parse(read('docker-compose.yml'), { merge: true });

describe('docker-compose.yml', () => {
  it('has every app, from the image that the charts name, and gives it settings that it knows', () => {
    for (const app of appCharts) {
      const service = compose.services[app];
      expect(service?.build).toMatchObject({ dockerfile: 'deploy/images/app.Dockerfile' });
      expect(service?.build?.args).toEqual({ APP: app });
      expect(service?.image).toBe(`windlass/${app}:${root.version}`);
      const table = read(`apps/${app}/README.md`);
      for (const name of Object.keys(service?.environment ?? {})) {
        expect(table).toContain(`| \`${name}\``);
      }
    }
  });

  it('starts nothing that needs the schema before the migrations are done', () => {
    for (const app of ['api', 'worker']) {
      expect(compose.services[app]?.depends_on).toMatchObject({
        migrations: { condition: 'service_completed_successfully' },
      });
    }
  });
});

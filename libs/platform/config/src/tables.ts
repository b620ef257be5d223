/** Settings as people read them: the table of `--help` and the one in READMEs. */
import type { SettingsDefinition } from './definition.ts';
import type { AnySettings, Setting } from './setting.ts';
import { configFileVariable, settingFileName } from './settings-file.ts';

/** Descriptions are wrapped here, so that a terminal of 100 columns shows them whole. */
const helpColumns = 96;
const helpIndent = '      ';

/** What `<app> --help` prints. */
export function settingsHelp(definition: SettingsDefinition<AnySettings>): string {
  const entries = Object.values(definition.settings).map((setting) => {
    const head = `  ${setting.env}  (${setting.type.replaceAll('`', '')}; ${presence(setting)})`;
    const file = setting.secret ? ` Also read from the file that ${setting.env}_FILE names.` : '';
    return `${head}\n${wrap(`${setting.description}${file}`)}`;
  });
  return `${definition.app}: ${definition.summary}

Usage: ${[`${definition.app} [--help]`, ...definition.usage].join('\n       ')}

${sourcesText(definition)}

${entries.join('\n')}
`;
}

function sourcesText({ settings }: SettingsDefinition<AnySettings>): string {
  const environment = 'Settings come from the environment. An empty variable counts as unset.';
  const hasFile = Object.values(settings).some(({ env }) => env === configFileVariable);
  if (!hasFile) return environment;
  const example = settingFileName('LOG_LEVEL');
  return `${environment}
The YAML file of ${configFileVariable} has them as well (LOG_LEVEL is ${example} there); variables come first.`;
}

/** Markdown table of the settings; a README's copy is compared with it by a check. */
export function settingsTable(definition: SettingsDefinition<AnySettings>): string {
  const rows = Object.values(definition.settings).map((setting) => {
    const name = setting.secret
      ? `\`${setting.env}\`, \`${setting.env}_FILE\``
      : `\`${setting.env}\``;
    const fallback = setting.defaultText === '' ? presence(setting) : `\`${setting.defaultText}\``;
    return `| ${name} | ${setting.type} | ${fallback} | ${setting.description} |`;
  });
  return ['| variable | value | default | what it does |', '|---|---|---|---|', ...rows, ''].join(
    '\n',
  );
}

function presence(setting: Setting<unknown>): string {
  if (setting.defaultText !== '') return `default ${setting.defaultText}`;
  return setting.absent.kind === 'required' ? 'required' : 'optional';
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = helpIndent;
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > helpColumns && line !== helpIndent) {
      lines.push(line.trimEnd());
      line = helpIndent;
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()].join('\n');
}

import { existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { analyse } from '@wheelhouse/charter/analyse';
import { FEWEST_PEOPLE, newCharter } from '@wheelhouse/charter/new-charter';
import { CharterId } from '@wheelhouse/protocol/charter';
import { failed, type Exit, usage } from '../cli-error.ts';
import { exitOf, parseCharter } from './check-command.ts';
import { coalitionText } from './coalition-text.ts';

const OPTIONS = { people: { type: 'string' }, out: { type: 'string' }, force: { type: 'boolean' } } as const;

/** `wheelhouse charter init`: writes a charter for these people and checks it. Never overwrites a file unless told to. */
export async function initCommand(args: readonly string[]): Promise<Exit> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const out = values.out ?? 'charter.yaml';
  if (existsSync(out) && values.force !== true) throw failed(`${out} exists already; --force overwrites it, --out FILE writes elsewhere`);
  const people = peopleOf(values.people ?? (await askForPeople()));
  const now = Date.now();
  const text = newCharter({ people, from: now });
  const charter = parseCharter(out, text);
  try {
    writeFileSync(out, text);
  } catch (error) {
    throw failed(`${out} can't be written`, error);
  }
  const report = analyse(charter, { from: now });
  process.stdout.write(`${out} is written. ${coalitionText(charter, report)}`);
  return exitOf(report);
}

async function askForPeople(): Promise<string> {
  if (!process.stdin.isTTY) throw usage('charter init takes --people "Ann,Bob,Cem".');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(`Who holds seats? Names with commas, at least ${FEWEST_PEOPLE}: `);
  } finally {
    terminal.close();
  }
}

/** Names as people. The id is the name in small letters with dashes, or the name itself where it is an id (such as an e-mail address). */
function peopleOf(list: string): readonly { id: string; name: string }[] {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length < FEWEST_PEOPLE)
    throw usage(`A charter takes at least ${FEWEST_PEOPLE} people; with fewer, somebody could not be done without.`);
  const people = names.map((name) => ({ id: idOf(name), name }));
  const bad = people.find(({ id }) => !CharterId.safeParse(id).success);
  if (bad !== undefined) throw usage(`"${bad.name}" gives no id; write it with letters from a to z.`);
  const twice = people.find(({ id }, i) => people.findIndex((other) => other.id === id) < i);
  if (twice !== undefined) throw usage(`${twice.name} comes twice; everyone needs a name of their own.`);
  return people;
}

function idOf(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{Mark}/gu, '');
  return plain
    .toLowerCase()
    .replace(/[^a-z0-9._@]+/g, '-')
    .replace(/^[-._@]+|[-._@]+$/g, '');
}

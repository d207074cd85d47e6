import { parseArgs } from 'node:util';
import { actionRows } from './action-cost.ts';
import { charterRows } from './charter-cost.ts';
import { stageRows } from './crowd/stages.ts';
import { detectRows } from './detect-cost.ts';
import { gateRows } from './gate-cost.ts';
import { ledgerRows } from './ledger-cost.ts';
import { type Row, verdictOf } from './measure.ts';
import { peerRows } from './peers/peers.ts';
import { probeMachine } from './probe.ts';
import { printProfiles, profilingFlags } from './profile.ts';
import { relayRows } from './relay-turn.ts';
import { printProbe, printTable, writeJson } from './report.ts';
import { upstreamRows } from './upstream/upstream-cost.ts';
import { voiceActivityRows } from './voice-activity-cost.ts';

const USAGE = `npm run bench -- [--quick] [--full] [--profile] [gate] [orders] [ticks] [memory] [vad] [relay] [ledger] [charter] [upstream] [actions] [detect] [peers]
Without names: everything but the peers, which are installed on demand. --quick takes about two minutes, --full goes to 3,000 sessions and a ledger of ten million entries.
--profile also prints where the server's threads spent their time while live sessions were measured.
The process fails only when something broke or a frame left after an order; missed goals are printed, not asserted.`;

const PARTS = ['gate', 'orders', 'ticks', 'memory', 'vad', 'relay', 'ledger', 'charter', 'actions', 'upstream', 'detect'] as const;
const STAGED = ['orders', 'ticks', 'memory'] as const;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, full, profile } = values;
  const unknown = positionals.filter((name) => ![...PARTS, 'peers'].some((part) => part === name));
  if (values.help || unknown.length > 0) {
    console.log(USAGE);
    return unknown.length > 0 ? 2 : 0;
  }
  const parts = new Set<string>(positionals.length === 0 ? PARTS : positionals);
  const before = await probeMachine();
  printProbe('before', before);

  const rows: Row[] = [];
  const broken: string[] = [];
  const measure = async (name: string, work: () => Row[] | Promise<Row[]>) => {
    console.log(`measuring: ${name}`);
    try {
      rows.push(...(await work()));
    } catch (error) {
      broken.push(name);
      console.error(`  ${name} broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      rows.push({ part: name, kind: 'absent', name, why: 'it broke, see above' });
    }
  };
  if (parts.has('gate')) await measure('gate', () => gateRows(quick));
  if (parts.has('vad')) await measure('vad', () => voiceActivityRows(quick));
  const sizes = full ? [1, 100, 1000, 3000] : [1, 100, 1000];
  if (STAGED.some((part) => parts.has(part)))
    await measure('live sessions', () => stageRows({ sizes, quick, parts, nodeFlags: profile ? profilingFlags() : [] }));
  if (parts.has('relay')) await measure('relay', () => relayRows(quick));
  if (parts.has('ledger')) await measure('ledger', () => ledgerRows({ quick, full }));
  if (parts.has('charter')) await measure('charter', () => charterRows(quick));
  if (parts.has('actions')) await measure('actions', () => actionRows(quick));
  if (parts.has('upstream')) await measure('upstream', () => upstreamRows({ quick, peers: parts.has('peers') }));
  if (parts.has('peers')) await measure('peers', () => peerRows(quick));
  // After the peers, which brings the package that it is measured beside.
  if (parts.has('detect')) await measure('detect', () => detectRows(quick));

  const after = await probeMachine();
  printProbe('after', after);
  const noisy = before.noisy || after.noisy;
  printTable(rows, noisy);
  if (profile) printProfiles();
  console.log(`\nwritten to ${writeJson(rows, [before, after], noisy)}`);
  const inexact = rows.some((row) => row.kind === 'exact' && verdictOf(row, noisy) === 'missed');
  if (inexact) console.error('EXACTNESS FAILED: see the rows that must be 0');
  return broken.length > 0 || inexact ? 1 : 0;
}

process.exitCode = await main();

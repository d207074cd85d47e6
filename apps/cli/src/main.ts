import { charterCommand } from './charter/charter-command.ts';
import { causeOf, CliError, EXIT, type Exit, usage } from './cli-error.ts';
import { actionsCommand } from './control/actions-command.ts';
import { orderCommand, stopCommand } from './control/order-command.ts';
import { releaseCommand } from './control/release-command.ts';
import { sessionsCommand } from './control/sessions-command.ts';
import { exportCommand } from './export/export-command.ts';
import { policyCommand } from './policy/policy-command.ts';
import { readSettings, type Settings } from './settings.ts';
import { verifyCommand } from './verify/verify-command.ts';
import { watermarkCommand } from './watermark/watermark-command.ts';
import { witnessCommand } from './witness/witness-command.ts';

type Command = (args: readonly string[], settings: Settings) => Exit | Promise<Exit>;

const HELP = `wheelhouse: the command line of Wheelhouse

  npx wheelhouse verify [--session ID] [--key-file FILE] [--witness VKEY] [--json]
      Proves, offline, that the record is whole: every entry, every signed head, every session's ticks, every order and
      release, and the tables that the server works with. With --session also tells what that session met, with proofs.
      With --witness (again for each; else those of WHEELHOUSE_WITNESSES) also which witness vouches for how much of it.
  npx wheelhouse verify FILE [--key VKEY | --key-file FILE] [--witness VKEY] [--json]
      Proves an exported bundle, offline and without any installation: every entry, field, head and cosignature in it, and
      what its entries say together; says what could not be checked. VKEY is the log's key, from somebody you trust; else the
      installation's own is taken, where there is one. docs/bundle.md has the format.
  npx wheelhouse sessions [list] [--state waiting|live|ended] [--json]
  npx wheelhouse sessions show ID [--json]
      Lists sessions, or tells of one.
  npx wheelhouse stop SCOPE [--reason TEXT] [--id ID] [--json]
      Stops every session in SCOPE, at once: the order "stop" (see below).
  npx wheelhouse order KIND --scope SCOPE [--reason TEXT] [--level N] [--text WORDS] [--id ID] [--json]
      Gives a restrictive order: hold, mute, stop, take_over, level (with --level) or whisper (with --text).
      SCOPE is session:ID, deployment:NAME, model:NAME, tenant:NAME, level:N (and above) or everything.
  npx wheelhouse release ask ORDER --reason TEXT [--json]
      Asks for the release of the latch that an order left. Another person has to confirm it.
  npx wheelhouse release confirm RELEASE [--json]
      Confirms a release. Takes a person who signed in; the server refuses it with an API key.
  npx wheelhouse actions [list] [--state STATE] [--session ID] [--json]
  npx wheelhouse actions show|wait|withdraw ID [--json]
      What was asked for and what became of it, newest first; or one action. wait ends when it is decided.
  npx wheelhouse actions ask TOOL --arguments JSON [--agent NAME] [--reason TEXT] [--session ID] [--expires SECONDS]
                         [--id ID] [--wait] [--json]
      Asks whether TOOL may be called so; with --wait until a human has decided, where one has to. The same --id again asks once.
      ask and wait end with 0 where exactly what was asked for may be done, else with 1: also while nobody has decided.
  npx wheelhouse actions check ID TOOL --arguments JSON [--json]
      Right before doing it: passes once, with 0, where this is what was allowed. Decisions are made by people, in the console.
  npx wheelhouse export [--format bundle|csv|ocsf|pdf|json] [--report NAME] [--profile full|no-words|no-people|public]
                        [--from TIME] [--to TIME] [--session ID] [--person ID] [--kind KIND] [--without KIND[,KIND]]
                        [--deployment NAME] --reason TEXT [--out FILE] [--resume ID] [--json]
      Asks for an export of the record, waits until it is made, downloads it (going on where a broken connection left off)
      and checks its digest. --resume takes up one that was asked for before. docs/exports.md tells the formats and reports.
  npx wheelhouse witness --data FOLDER --log VKEY[,VKEY] [--port N] [--host ADDRESS] [--name NAME]
      Runs a witness (c2sp.org/tlog-witness) with a key of its own: it cosigns the tree heads of these logs as long as each
      only grows, and refuses forks and rollbacks. Best on a machine that the log's keepers do not keep. Prints its key.
  npx wheelhouse charter check FILE [--at DATE] [--json]
      Who can exercise which power under this charter, through any chain of acts, and where that breaks law 5.
  npx wheelhouse charter init [--people "Ann,Bob,Cem"] [--out FILE] [--force]
      Writes a commented charter for these people, and checks it.
  npx wheelhouse policy test [FOLDER] [--json]
      Runs the tests of a policy bundle (FOLDER, else policies): each request must be answered as its folder says.
  npx wheelhouse policy lint [FOLDER] [--json]
      Everything that is wrong with a bundle: what keeps it from being loaded, contradicts itself, or has no test.
  npx wheelhouse policy explain REQUEST.json [FOLDER] [--json]
      What a bundle says to a request, by which policies, and why. Ends with 0 where it is allowed, else with 1.
  npx wheelhouse policy replay [FOLDER] [--since TIME] [--until TIME] [--recordings] [--json]
      What a server recorded in that time (else in seven days), decided again by this bundle. Ends with 1 where anything differs.
  npx wheelhouse watermark detect FILE.wav [--key-file FILE] [--json]
      Looks for the mark that policy has put on a machine's sound (docs/watermark.md), by the key of this installation. Ends with
      0 where it is found, with 1 where not, with 2 where the file or the key can't be read.
  npx wheelhouse help

All but verify, witness, watermark, charter and policy (without replay) talk to a server: --url ADDRESS, else the one that runs here; --key KEY, else WHEELHOUSE_KEY.
verify without a FILE reads the database of DATABASE_URL, else of the server that runs here, else of the installation itself
(WHEELHOUSE_DATA, else .wheelhouse), which it starts for that and stops again. It changes nothing.

Exit codes: 0 fine. 1 a fault was found. 2 the command was not understood. 3 it could not be carried out.
4 a bundle agrees with itself, but no key that you trust vouches for it.
`;

const COMMANDS = new Map<string, Command>([
  ['verify', verifyCommand],
  ['sessions', sessionsCommand],
  ['order', orderCommand],
  ['stop', stopCommand],
  ['actions', actionsCommand],
  ['release', releaseCommand],
  ['export', exportCommand],
  ['witness', witnessCommand],
  ['charter', charterCommand],
  ['policy', policyCommand],
  ['watermark', watermarkCommand],
  ['help', help],
]);

function help(): Exit {
  process.stdout.write(HELP);
  return EXIT.fine;
}

/** Runs one command line and returns what the process should end with. */
async function run(argv: readonly string[]): Promise<Exit> {
  const [name = 'help', ...args] = argv;
  const command = COMMANDS.get(name === '--help' || name === '-h' ? 'help' : name);
  try {
    if (command === undefined) throw usage(`There is no command "${name}".`);
    return await (args.includes('--help') ? help() : command(args, readSettings()));
  } catch (error) {
    process.stderr.write(`${causeOf(error)}\n`);
    if (error instanceof CliError) return error.exit;
    return isUsage(error) ? EXIT.usage : EXIT.failed;
  }
}

/** What `parseArgs` throws for an option that it does not know. */
function isUsage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('ERR_PARSE_ARGS');
}

// Not process.exit: what was written to a pipe would be cut off.
process.exitCode = await run(process.argv.slice(2));

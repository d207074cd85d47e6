import { readFields } from '@wheelhouse/ledger/read-entry';
import type { Item } from '@wheelhouse/ledger/disclosure';
import type { JsonValue } from '@wheelhouse/ledger/strict-json';
import { ENTRY_VERSION, type EntryOf, type LedgerEntry } from '@wheelhouse/protocol/ledger-entry';
import type { FoundEntry } from '@wheelhouse/protocol/export';
import type { SessionEffect } from '@wheelhouse/protocol/order';
import { scopeInWords, type Scope } from '@wheelhouse/protocol/scope';
import { levelInWords } from '../release/order-words.ts';
import { ofGlass, ofProposal, ofSeat } from './charter-entry-words.ts';
import { kindInWords } from './kind-words.ts';
import type { Names } from './names.ts';
import { ofPolicy } from './policy-entry-words.ts';
import { bytesInWords, capital, plural, short } from './plain-words.ts';
import { because } from './reason-words.ts';

/** An entry as one sentence that a reviewer understands. */
export function sentenceOf(entry: LedgerEntry, names: Names): string {
  const by = names.actor(entry.by);
  switch (entry.kind) {
    case 'server.started':
    case 'server.stopped':
    case 'clock.stepped':
      return ofServer(entry);
    case 'person.joined':
      return `${names.person(entry.data.person)} joined as ${entry.data.role}, invited by ${by}`;
    case 'key.issued':
      return `${by} issued key ${short(entry.data.key)}, which may ${entry.data.scopes.join(', ')}`;
    case 'key.revoked':
      return `${by} revoked key ${short(entry.data.key)}`;
    case 'session.opened':
    case 'session.attached':
    case 'session.segment':
    case 'session.ended':
      return ofSession(entry, by);
    case 'order.given':
      return `${by} ${given(entry.data)}${because(entry.data.reason)}`;
    case 'order.applied':
    case 'order.observed':
    case 'release.asked':
    case 'release.withdrawn':
    case 'latch.released':
    case 'release.applied':
      return ofLatch(entry, by, names);
    case 'content.kept':
    case 'content.expired':
    case 'content.read':
    case 'erasure.asked':
    case 'erasure.withdrawn':
    case 'subject.erased':
    case 'hold.placed':
    case 'hold.lifted':
      return ofContent(entry, by, names);
    case 'export.asked':
    case 'export.confirmed':
    case 'export.made':
    case 'export.failed':
    case 'export.fetched':
      return ofExport(entry, by, names);
    case 'voter.enrolled':
    case 'access.granted':
    case 'key.rotated':
    case 'proposal.opened':
    case 'vote.cast':
    case 'conflict.declared':
    case 'proposal.passed':
    case 'proposal.closed':
    case 'charter.adopted':
      return ofProposal(entry, by, names);
    case 'seat.appointed':
    case 'seat.recalled':
    case 'seat.left':
    case 'handover.announced':
    case 'handover.accepted':
    case 'handover.cancelled':
    case 'absence.declared':
    case 'absence.ended':
    case 'delegation.given':
    case 'delegation.ended':
    case 'training.recorded':
    case 'ceiling.changed':
      return ofSeat(entry, by, names);
    case 'glass.asked':
    case 'glass.signed':
    case 'glass.broken':
    case 'glass.ended':
    case 'glass.reviewed':
      return ofGlass(entry, by);
    case 'checkpoint.decided':
    case 'policy.adopted':
    case 'policy.rolled_back':
    case 'action.asked':
    case 'action.decided':
    case 'supervision.began':
    case 'supervision.ended':
    case 'help.asked':
    case 'session.handed_back':
      return ofPolicy(entry, by);
  }
}

/** A found entry in words; of one that cannot be read as a whole, its kind and who did it. */
export function foundInWords(found: FoundEntry, names: Names): string {
  const entry = entryOf(found);
  if (entry !== null) return sentenceOf(entry, names);
  return found.by === null ? kindInWords(found.kind) : `${kindInWords(found.kind)}, by ${names.actor(found.by)}`;
}

/** What was found as an entry again, words that were erased standing as such. */
function entryOf({ id, kind, fields, withheld }: FoundEntry): LedgerEntry | null {
  const shown = Object.entries(fields).map(([name, value]): Item => ({ salt: '', name, value: isJson(value) ? value : null }));
  const hidden = Array.from({ length: withheld }, (): Item => ({ commitment: new Uint8Array(0) }));
  return readFields({ fields: new Uint8Array(0), id, kind, v: ENTRY_VERSION }, [...shown, ...hidden]).entry;
}

/** The answer was JSON; this only tells the compiler. */
function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}

function ofServer(entry: EntryOf<'server.started' | 'server.stopped' | 'clock.stepped'>): string {
  switch (entry.kind) {
    case 'server.started':
      return `Wheelhouse ${entry.data.version} started${entry.data.stoppedCleanly ? '' : '; before, it had not been stopped but had ended'}`;
    case 'server.stopped':
      return 'Wheelhouse was stopped';
    case 'clock.stepped':
      return `The server’s clock was set ${Math.abs(entry.data.byMs)} ms ${entry.data.byMs < 0 ? 'back' : 'ahead'}`;
  }
}

function ofSession(entry: EntryOf<'session.opened' | 'session.attached' | 'session.segment' | 'session.ended'>, by: string): string {
  const session = `session ${short(entry.data.session)}`;
  switch (entry.kind) {
    case 'session.opened': {
      const record = entry.data.record === undefined ? '' : `, recording ${entry.data.record.what.join(' and ')}`;
      return `${by} opened ${session} on ${entry.data.deployment}, level ${levelInWords(entry.data.level)}${record}`;
    }
    case 'session.attached': {
      const lost = entry.data.lost === 0 ? '' : `; the evidence of ${plural(entry.data.lost, 'tick')} was lost in a crash`;
      return `A client attached to ${session} at tick ${entry.data.fromTick}${lost}`;
    }
    case 'session.segment':
      return `Ticks ${entry.data.fromTick} to ${entry.data.toTick} of ${session}: ${left(entry.data.out)}${heldBack(entry.data.withheld)}`;
    case 'session.ended':
      return `${capital(session)} ended after tick ${entry.data.lastTick} (${entry.data.reason.replaceAll('_', ' ')})`;
  }
}

function left({ first, last }: { readonly first: number; readonly last: number }): string {
  return last > first ? `engine frames ${first + 1} to ${last} left` : 'no engine frame left';
}

function heldBack(count: number): string {
  return count === 0 ? '' : `, ${plural(count, 'was', 'were')} withheld`;
}

function given({ kind, scope, level }: EntryOf<'order.given'>['data']): string {
  const what = covered(scope);
  switch (kind) {
    case 'stop':
      return `stopped ${what}`;
    case 'hold':
      return `held ${what}`;
    case 'mute':
      return `muted ${what}`;
    case 'take_over':
      return `took over ${what}`;
    case 'level':
      return `lowered ${what}${level === undefined ? '' : ` to level ${levelInWords(level)}`}`;
    case 'whisper':
      return scope.type === 'everything' ? 'whispered to every engine' : `whispered to the engine of ${what}`;
  }
}

function covered(scope: Scope): string {
  return scope.type === 'session' ? `session ${short(scope.session)}` : scopeInWords(scope);
}

type OfLatch = 'order.applied' | 'order.observed' | 'release.asked' | 'release.withdrawn' | 'latch.released' | 'release.applied';

function ofLatch(entry: EntryOf<OfLatch>, by: string, names: Names): string {
  switch (entry.kind) {
    case 'order.applied':
      return `Order ${short(entry.data.order)} took effect in ${met(entry.data.sessions)}`;
    case 'order.observed':
      return `Seen after order ${short(entry.data.order)}: ${silence(entry.data.sessions)}`;
    case 'release.asked':
      return `${by} asked to release order ${short(entry.data.latch)}${because(entry.data.reason)}`;
    case 'release.withdrawn':
      return `${by} withdrew the request to release order ${short(entry.data.latch)}`;
    case 'latch.released':
      return released(entry, by, names);
    case 'release.applied':
      return `Gates opened again in ${met(entry.data.sessions)}`;
  }
}

function released({ data }: EntryOf<'latch.released'>, by: string, names: Names): string {
  const order = `order ${short(data.latch)}`;
  if (data.glass !== undefined) return `${by} released ${order} for a time, by break glass ${short(data.glass)}`;
  if (data.proposal !== undefined)
    return `${order.replace('order', 'Order')} was released, as ${names.person(data.askedBy)} had proposed and a quorum decided; ${by} cast the last vote`;
  return `${by} confirmed the release of ${order}, which ${names.person(data.askedBy)} had asked for`;
}

function met(sessions: readonly SessionEffect[]): string {
  const [one] = sessions;
  if (one === undefined || sessions.length > 1) return plural(sessions.length, 'session');
  return `session ${short(one.session)} at tick ${one.tick}; last frame out #${one.lastSequence}`;
}

function silence(sessions: readonly SessionEffect[]): string {
  const [one] = sessions;
  if (one === undefined || sessions.length > 1) return `what last left ${plural(sessions.length, 'session')}`;
  return `by tick ${one.tick}, nothing left session ${short(one.session)} after frame #${one.lastSequence}`;
}

type OfContent =
  `content.${'kept' | 'expired' | 'read'}` | `erasure.${'asked' | 'withdrawn'}` | 'subject.erased' | `hold.${'placed' | 'lifted'}`;

function ofContent(entry: EntryOf<OfContent>, by: string, names: Names): string {
  switch (entry.kind) {
    case 'content.kept':
      return `${capital(entry.data.what)} of session ${short(entry.data.session)} was kept, ${entry.data.toMs - entry.data.fromMs} ms of it`;
    case 'content.expired':
      return `${plural(entry.data.content.length, 'piece')} of recorded content were deleted, their time having come`;
    case 'content.read':
      return `${by} looked at the ${entry.data.what} of session ${short(entry.data.session)}`;
    case 'erasure.asked':
      return `${by} asked to erase data subject ${short(entry.data.subject)}${because(entry.data.reason)}`;
    case 'erasure.withdrawn':
      return `${by} withdrew the request for an erasure`;
    case 'subject.erased':
      return `${by} confirmed the erasure of data subject ${short(entry.data.subject)}, which ${names.person(entry.data.askedBy)} had asked for`;
    case 'hold.placed': {
      const { session, subject, reason } = entry.data;
      const over =
        session === undefined ? (subject === undefined ? '' : ` on data subject ${short(subject)}`) : ` on session ${short(session)}`;
      return `${by} placed a legal hold${over}${because(reason)}`;
    }
    case 'hold.lifted':
      return `${by} lifted a legal hold${because(entry.data.reason)}`;
  }
}

function ofExport(entry: EntryOf<`export.${'asked' | 'confirmed' | 'made' | 'failed' | 'fetched'}`>, by: string, names: Names): string {
  const one = `export ${short(entry.data.export)}`;
  switch (entry.kind) {
    case 'export.asked':
      return `${by} asked for ${one} (${[entry.data.report, entry.data.format, entry.data.profile].filter(Boolean).join(', ')})${because(entry.data.reason)}`;
    case 'export.confirmed':
      return `${by} confirmed ${one}, which ${names.person(entry.data.askedBy)} had asked for`;
    case 'export.made':
      return `${capital(one)} was made: ${plural(entry.data.entries, 'entry', 'entries')}, ${bytesInWords(entry.data.bytes)}`;
    case 'export.failed':
      return `${capital(one)} failed: ${entry.data.problem.replaceAll('_', ' ')}`;
    case 'export.fetched':
      return `${by} fetched ${one}`;
  }
}

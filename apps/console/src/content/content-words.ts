import { RETENTION_DAYS, type ContentPiece, type Recordable, type Retention, type SessionContent } from '@wheelhouse/protocol/content';

/** What is recorded, for a sentence. */
export function recordedInWords(what: readonly Recordable[]): string {
  const names = (
    [
      ['audio', 'sound'],
      ['transcript', 'words'],
      ['video', 'video'],
    ] as const
  ).flatMap(([kind, name]) => (what.includes(kind) ? [name] : []));
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(names);
}

export function retentionInWords(retention: Retention): string {
  return `${RETENTION_DAYS[retention]} days`;
}

/** A length of time on a session's clock. */
export function lengthInWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function dayOf(iso: string): string {
  return new Date(iso).toLocaleDateString();
}

export function timeAndDayOf(iso: string): string {
  return new Date(iso).toLocaleString(undefined, { hourCycle: 'h23' });
}

/** What became of a recording's pieces, a sentence for each thing that one should know before listening. */
export function fateInWords({ pieces, holes, holds, lengthMs }: Pick<SessionContent, 'pieces' | 'holes' | 'holds' | 'lengthMs'>): string[] {
  const [kept, expired, erased] = (['kept', 'expired', 'erased'] as const).map((state) => pieces.filter((piece) => piece.state === state));
  return [
    pieces.length === 0 ? 'Nothing of it is stored yet; it arrives every five seconds.' : null,
    erased !== undefined && erased.length > 0
      ? 'It was erased: the key of its data subject was destroyed, and nobody can read it any more. The ledger still has its digests.'
      : null,
    expired !== undefined && expired.length > 0 ? expiredInWords(expired, pieces.length) : null,
    kept !== undefined && kept.length > 0 && holes.length > 0 ? `Missing: ${holesInWords(holes, lengthMs)}.` : null,
    holds.length > 0 ? `${holds.length === 1 ? 'A legal hold keeps' : `${holds.length} legal holds keep`} it, whatever its time.` : null,
  ].filter((sentence) => sentence !== null);
}

function expiredInWords(expired: readonly ContentPiece[], count: number): string {
  const last = expired.reduce((latest, { retainUntil }) => (retainUntil > latest ? retainUntil : latest), '');
  return expired.length === count
    ? `Its time came on ${dayOf(last)}, and it was deleted. The ledger still has its digests.`
    : `${expired.length} of ${count} pieces came to their time and were deleted.`;
}

const MOST_HOLES = 3;

function holesInWords(holes: SessionContent['holes'], lengthMs: number): string {
  const named = holes.slice(0, MOST_HOLES).map(({ of, track, fromMs, toMs }) => {
    const who = of === 'video' ? 'the video' : track === 'in' ? 'the client' : 'the engine';
    return fromMs === 0 && toMs >= lengthMs ? `all of ${who}` : `${who} from ${lengthInWords(fromMs)} to ${lengthInWords(toMs)}`;
  });
  const more = holes.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ');
}

import { actInWords, peopleIn } from './acts-in-words.ts';
import { NOT_SHOWN, textIn, timeOf, whoIn } from './report-entry.ts';
import type { ReportEntry } from './report-entry.ts';
import type { Cell, ReportOptions, Section, Table } from './report.ts';

type Glass = {
  asked: readonly Cell[];
  readonly signers: string[];
  practice: boolean | null;
  broken: string | null;
  endsAt: string | null;
  ended: string | null;
  skipped: string;
  reviewDueAt: string | null;
  reviewed: string | null;
};

/** Emergency acts below quorum: who broke the glass, for what and how long, whose votes were not asked, and whether it was reviewed. */
export function breakGlassSection({ nameOf }: ReportOptions): Section {
  const glasses = new Map<string, Glass>();
  const fileOf = (entry: ReportEntry): Glass => {
    const id = textIn(entry, 'data.glass') ?? `entry ${entry.index}`;
    const known = glasses.get(id) ?? newGlass();
    glasses.set(id, known);
    return known;
  };
  const take = (entry: ReportEntry): void => {
    if (!entry.kind.startsWith('glass.')) return;
    const file = fileOf(entry);
    const practice = entry.fields['data.practice'];
    if (typeof practice === 'boolean') file.practice = practice;
    if (entry.kind === 'glass.asked' || entry.kind === 'glass.signed')
      file.signers.push(`${whoIn(entry, nameOf)} for ${textIn(entry, 'data.seat') ?? NOT_SHOWN}`);
    if (entry.kind === 'glass.asked')
      file.asked = [entry.index, timeOf(entry), actInWords(entry, nameOf), textIn(entry, 'data.reason') ?? NOT_SHOWN];
    if (entry.kind === 'glass.broken') {
      file.broken = timeOf(entry);
      file.endsAt = textIn(entry, 'data.endsAt');
      file.reviewDueAt = textIn(entry, 'data.reviewDueAt');
      file.skipped = peopleIn(entry, 'data.skipped', nameOf);
    }
    if (entry.kind === 'glass.ended') file.ended = `${textIn(entry, 'data.outcome') ?? NOT_SHOWN} ${timeOf(entry)}`;
    if (entry.kind === 'glass.reviewed') file.reviewed = timeOf(entry);
  };
  const facts = () => {
    const broken = [...glasses.values()].filter((glass) => glass.broken !== null);
    return [
      { label: 'Emergency acts', value: broken.filter(({ practice }) => practice !== true).length },
      { label: 'Of them not reviewed', value: broken.filter(({ practice, reviewed }) => practice !== true && reviewed === null).length },
      { label: 'Drills of break glass', value: broken.filter(({ practice }) => practice === true).length },
    ];
  };
  return { take, facts, tables: () => [table(glasses)] };
}

function newGlass(): Glass {
  const asked = [null, BEFORE, BEFORE, BEFORE];
  const times = { broken: null, endsAt: null, ended: null, reviewDueAt: null, reviewed: null };
  return { asked, signers: [], practice: null, skipped: '', ...times };
}

const BEFORE = '(before this period)';

function table(glasses: ReadonlyMap<string, Glass>): Table {
  return {
    title: 'Emergency acts',
    note: 'An act of fewer people than its quorum, which ends by itself and which a quorum reviews afterwards. Signatures are checked by wheelhouse verify.',
    columns: [
      { key: 'entry', title: 'Asked in', align: 'right' },
      { key: 'time', title: 'Asked (UTC)' },
      { key: 'what', title: 'What' },
      { key: 'reason', title: 'Reason' },
      { key: 'practice', title: 'Practice' },
      { key: 'signers', title: 'Signed by' },
      { key: 'broken', title: 'Broken (UTC)' },
      { key: 'ends', title: 'Time box ends' },
      { key: 'ended', title: 'Ended' },
      { key: 'skipped', title: 'Skipped' },
      { key: 'review_due', title: 'Review due' },
      { key: 'reviewed', title: 'Reviewed' },
    ],
    rows: [...glasses].map(([, glass]) => [
      ...glass.asked,
      glass.practice === null ? NOT_SHOWN : glass.practice ? 'practice' : 'no',
      glass.signers.join('; '),
      glass.broken ?? 'not broken',
      glass.endsAt,
      glass.ended,
      glass.skipped,
      glass.reviewDueAt,
      glass.broken === null ? null : (glass.reviewed ?? 'not yet'),
    ]),
    leftOut: 0,
    none: 'None recorded in this period: every permissive act had its quorum, or its second person.',
  };
}

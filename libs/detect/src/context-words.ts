import { type Reading, sourceOf } from './reading.ts';

/** What the words before a number say it is. */
export type Topic =
  | 'phone'
  | 'card'
  | 'email'
  | 'order'
  | 'version'
  | 'us-ssn'
  | 'uk-nino'
  | 'nl-bsn'
  | 'fr-nir'
  | 'de-tax'
  | 'es-dni'
  | 'in-aadhaar'
  | 'br-cpf'
  | 'ca-sin'
  | 'bank'
  | 'address';

type Mention = { readonly topic: Topic; readonly from: number; readonly to: number };

const TOPICS: readonly (readonly [Topic, string])[] = [
  ['us-ssn', 'ssn|social security|social is|last name and social'],
  ['uk-nino', 'national insurance|nino|ni number'],
  ['nl-bsn', 'bsn|burger ?service ?nummer|sofinummer|citizen service number'],
  ['fr-nir', 's[eé]curit[eé] sociale|nir|num[eé]ro de s[eé]cu'],
  ['de-tax', 'steuer[- ]?id(?:entifikationsnummer)?|steuernummer|german tax (?:id|number)|idnr'],
  ['es-dni', 'dni|nie|nif'],
  ['in-aadhaar', 'aadhaa?r'],
  ['br-cpf', 'cpf'],
  ['ca-sin', 'social insurance'],
  ['bank', 'iban|bank account|account number|routing|sort code'],
  [
    'order',
    'order|invoice|tracking|ticket|reference|ref|case|confirmation|serial|isbn|issn|booking|sku|part|model|flight|receipt|parcel|shipment|customer|member|policy|meter|barcode|ean|upc|doi|timestamp|commit|total|price',
  ],
  ['version', 'version|release|build|firmware|section|chapter|v'],
  ['card', 'card|visa|mastercard|amex|american express|credit|debit|cvv|cvc'],
  [
    'phone',
    '(?:tele)?phone|tel|mobile|cell(?:phone)?|call|calling|whatsapp|fax|sms|dial|text (?:me|us|him|her|them)|reach (?:me|us|him|her|them)|ring|handy|hotline|t[eé]l[eé]fono|t[eé]l[eé]phone|telefon(?:nummer)?|portable|m[oó]vil',
  ],
  ['email', 'e-?mails?|mail|inbox|write to|contact'],
  ['address', 'ip|address|host|server|ping|ssh|subnet|gateway|dns'],
];

const MENTION = new RegExp(`\\b(?:${TOPICS.map(([, words]) => `(${words})`).join('|')})(?![a-zé])`, 'gi');

/** The topics that a reading mentions, looked up on first need. Distances are counted in what was given: digits that are said take more room. */
export class ContextWords {
  readonly #reading: Reading;
  #mentions: readonly Mention[] | null = null;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** The last of `topics` that is mentioned in the `within` characters before `at`; null where none is. */
  nearest(at: number, within: number, topics: readonly Topic[]): Topic | null {
    this.#mentions ??= mentionsIn(this.#reading.text);
    const least = sourceOf(this.#reading, at, at + 1).from - within;
    for (let i = lastBefore(this.#mentions, at); i >= 0; i -= 1) {
      const mention = this.#mentions[i];
      if (mention === undefined || sourceOf(this.#reading, mention.from, mention.to).to < least) return null;
      if (topics.includes(mention.topic)) return mention.topic;
    }
    return null;
  }

  mentions(at: number, within: number, topic: Topic): boolean {
    return this.nearest(at, within, [topic]) !== null;
  }
}

function mentionsIn(text: string): Mention[] {
  const mentions: Mention[] = [];
  for (const match of text.matchAll(MENTION)) {
    const topic = TOPICS[match.findIndex((group, i) => i > 0 && Boolean(group)) - 1];
    if (topic !== undefined) mentions.push({ topic: topic[0], from: match.index, to: match.index + match[0].length });
  }
  return mentions;
}

/** The index of the last mention that ends before `at`, by halving: a text may be full of them. -1 where there is none. */
function lastBefore(mentions: readonly Mention[], at: number): number {
  let low = 0;
  let high = mentions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((mentions[middle]?.to ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

import { type Finding, NO_SIGNALS, type Risk, type ScanAnswer, type ScanRequest, type Signals } from '@wheelhouse/protocol/signals';
import { type Clock, LatestOnly } from './latest-only.ts';
import { loudnessOf } from './loudness.ts';
import { RollingText } from './rolling-text.ts';
import type { VoiceActivity, VoiceStream } from './voice-activity.ts';

export type TextRisks = { readonly injection: Risk; readonly toxicity: Risk };
export type ImageFindings = { readonly foundOnScreen: readonly Finding[]; readonly unsafeImage: Risk };

/** What a guard is made of. Null where something is not configured: what it would tell stays unknown. */
export type GuardParts = {
  readonly voice: VoiceActivity | null;
  /** Judges what was said last. Says `unknown` of what it has no model for. */
  readonly text: { readonly knows: readonly (keyof TextRisks)[]; readonly ask: (tail: string) => Promise<TextRisks> } | null;
  readonly image: { readonly knowsUnsafe: boolean; readonly ask: (jpeg: Uint8Array) => Promise<ImageFindings> } | null;
  readonly clock: Clock;
  readonly waitForMs: number;
  readonly imageEveryMs: number;
  /** A detector failed: its signals stay unknown. */
  readonly onTrouble: (message: string) => void;
};

export type Guard = {
  /**
   * Reads the signals off one tick. Ticks of a session and direction come in their order. The answer waits at most `waitForMs` for what takes
   * long; when that changes the signals later, `onLate` gets them once more, without spans.
   */
  scan(request: ScanRequest, onLate: (answer: ScanAnswer) => void): Promise<ScanAnswer>;
  /** Drops what is known of a session. */
  forget(session: string): void;
};

/** What is kept of one direction of a session. */
type Way = {
  readonly text: RollingText;
  readonly voice: VoiceStream | null;
  readonly risks: LatestOnly<string, TextRisks> | null;
  readonly image: LatestOnly<Uint8Array, ImageFindings> | null;
  /** What the last frame that was looked at showed: said of frames until there is news. */
  seen: ImageFindings | null;
};

/** A part of the signals that is still to come; null when it failed. */
type Later = Promise<Partial<Signals> | null>;

export function createGuard(parts: GuardParts): Guard {
  const sessions = new Map<string, { readonly in: Way; readonly out: Way }>();
  const wayOf = ({ session, way }: ScanRequest): Way => {
    let ways = sessions.get(session);
    if (ways === undefined) {
      ways = { in: openWay(parts), out: openWay(parts) };
      sessions.set(session, ways);
    }
    return ways[way];
  };
  return {
    scan: (request, onLate) => {
      const way = wayOf(request);
      const { found, spans } = way.text.push(request.tick, request.text);
      const signals = atOnce(request, found, { parts, way });
      const later = slowParts(request, way, parts);
      const { id } = request;
      if (later.length === 0) return Promise.resolve({ id, signals, spans });
      return settle(signals, { later, parts }, (last) => {
        onLate({ id, signals: last, spans: [] });
      }).then((first) => ({ id, signals: first, spans }));
    },
    forget: (session) => {
      sessions.delete(session);
    },
  };
}

function openWay({ voice, text, image, clock, imageEveryMs }: GuardParts): Way {
  return {
    text: new RollingText(),
    voice: voice?.open() ?? null,
    risks: text === null ? null : new LatestOnly(text.ask, 0, clock),
    image: image === null ? null : new LatestOnly(image.ask, imageEveryMs, clock),
    seen: null,
  };
}

/** What is known without waiting. A direction that brings no text or no image carries none of their risks. */
function atOnce(request: ScanRequest, found: readonly Finding[], { parts, way }: { parts: GuardParts; way: Way }): Signals {
  const { text, audio, image } = request;
  const risk = (isKnown: boolean | undefined, has: boolean): Risk => (isKnown === true && !has ? 'none' : 'unknown');
  return {
    ...NO_SIGNALS,
    hasText: text !== '',
    hasAudio: audio !== null && audio.length > 0,
    hasImage: image !== null,
    found: [...found],
    foundOnScreen: image === null ? [] : [...(way.seen?.foundOnScreen ?? [])],
    injection: risk(parts.text?.knows.includes('injection'), text !== ''),
    toxicity: risk(parts.text?.knows.includes('toxicity'), text !== ''),
    unsafeImage: image === null ? risk(parts.image?.knowsUnsafe, false) : (way.seen?.unsafeImage ?? 'unknown'),
    loudness: audio === null ? 'silent' : loudnessOf(audio),
  };
}

function slowParts({ text, audio, image }: ScanRequest, way: Way, { onTrouble }: GuardParts): Later[] {
  const later: Later[] = [];
  const add = (what: string, work: Promise<Partial<Signals>>): void => {
    later.push(
      work.catch((error: unknown) => {
        onTrouble(`${what}: ${error instanceof Error ? error.message : String(error)}`);
        return null;
      }),
    );
  };
  if (audio !== null && audio.length > 0 && way.voice !== null)
    add(
      'speech activity',
      way.voice.hears(audio).then((speech) => ({ speech })),
    );
  if (text !== '' && way.risks !== null) add('text classifier', way.risks.ask(way.text.tail));
  if (image !== null && way.image !== null)
    add(
      'image detectors',
      way.image.ask(image).then((seen) => {
        way.seen = seen;
        return { foundOnScreen: [...seen.foundOnScreen], unsafeImage: seen.unsafeImage };
      }),
    );
  return later;
}

/** Waits for the slow parts for as long as is allowed. `onNews` follows when the rest has come and says something else. */
function settle(
  first: Signals,
  { later, parts }: { later: readonly Later[]; parts: GuardParts },
  onNews: (signals: Signals) => void,
): Promise<Signals> {
  return new Promise((resolve) => {
    let signals = first;
    let given: Signals | null = null;
    const give = (): void => {
      if (given !== null) return;
      given = signals;
      resolve(signals);
    };
    let left = later.length;
    for (const part of later)
      void part.then((news) => {
        signals = { ...signals, ...news };
        left -= 1;
        if (left > 0) return;
        if (given === null) give();
        else if (!sameSignals(given, signals)) onNews(signals);
      });
    parts.clock.after(parts.waitForMs, give);
  });
}

const SLOW = ['speech', 'injection', 'toxicity', 'unsafeImage'] as const;
const sameSignals = (a: Signals, b: Signals): boolean =>
  SLOW.every((name) => a[name] === b[name]) && a.foundOnScreen.join() === b.foundOnScreen.join();

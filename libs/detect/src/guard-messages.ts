import type { MessagePort } from 'node:worker_threads';
import type { ScanAnswer, ScanRequest } from '@wheelhouse/protocol/signals';

/** The files of on-screen text, as paths: PP-OCR's detector, its recogniser, and the characters that the recogniser knows, one a line. */
export type OcrFiles = { readonly det: string; readonly rec: string; readonly dictionary: string };

/** Where the guard's models are, as paths; null where there is none, and what it would tell stays unknown. */
export type GuardModels = {
  /** Silero's file, for speech activity. */
  readonly silero: string | null;
  readonly ocr: OcrFiles | null;
  /** Folders in the Hugging Face export layout (docs/detectors.md). */
  readonly injection: string | null;
  readonly toxicity: string | null;
  readonly unsafeImage: string | null;
};

/** `workerData` of the guard's worker. */
export type GuardSetup = {
  readonly models: GuardModels;
  /** How long an answer waits for the slow detectors, in milliseconds; text patterns and loudness never wait. */
  readonly waitForMs: number;
  /** At least so many milliseconds lie between two frames of one session and direction that are looked at. */
  readonly imageEveryMs: number;
};

/** What a stream thread posts over its port. */
export type ToGuard =
  { readonly type: 'scan'; readonly requests: readonly ScanRequest[] } | { readonly type: 'forget'; readonly session: string };

/**
 * What it gets back. Each request is answered once with `late: false`; an answer with `late: true` follows when a detector that was not ready
 * then has changed the signals since.
 */
export type FromGuard = { readonly type: 'scanned'; readonly answers: readonly ScanAnswer[]; readonly late: boolean };

/**
 * What the host posts to the worker: the worker's end of a stream thread's channel, or that it has to end itself. Terminated from outside, it could
 * take the process with it (slow-messages.ts).
 */
export type ToGuardWorker = { readonly type: 'port'; readonly port: MessagePort } | { readonly type: 'end' };

/** What the worker posts to its host. `ready` comes first, when what is loaded at the start is loaded. */
export type FromGuardWorker = { readonly type: 'ready' } | { readonly type: 'trouble'; readonly message: string };

import { parentPort, workerData } from 'node:worker_threads';
import { analyse } from '@wheelhouse/charter/analyse';
import { readAdopted } from '@wheelhouse/charter/read-charter';
import { z } from 'zod';

/** What the thread is told: a charter's text, and the moment from which on people act (milliseconds since 1970). */
export const AnalysisTask = z.object({ text: z.string(), from: z.number() });
export type AnalysisTask = z.infer<typeof AnalysisTask>;

const { text, from } = AnalysisTask.parse(workerData);
const reading = readAdopted(text);
parentPort?.postMessage(reading.ok ? analyse(reading.charter, { from }) : null);

import { parentPort, workerData } from 'node:worker_threads';
import { Gate } from './gate.ts';
import { LatchTable } from './latch-table.ts';

/**
 * A stream thread that does nothing but send: passes frames through the gate of slot 0 as fast as it can and writes the number of each that
 * was handed over into shared memory, in order. Word 0 counts them; word 1 tells it to stop.
 */
const data: unknown = workerData;
if (typeof data !== 'object' || data === null || !('table' in data) || !('out' in data)) throw new Error('hammer needs a table and a log');
if (!(data.table instanceof SharedArrayBuffer) || !(data.out instanceof SharedArrayBuffer)) throw new Error('both are shared memory');
const gate = new Gate(LatchTable.attach(data.table), 0);
const log = new Int32Array(data.out);
let count = 0;
parentPort?.postMessage('ready');
while (Atomics.load(log, 1) === 0) {
  gate.pass('engine', 'audio', 0, (sequence) => {
    count += 1;
    Atomics.store(log, 2 + (count % (log.length - 2)), sequence);
    Atomics.store(log, 0, count);
    return true;
  });
}

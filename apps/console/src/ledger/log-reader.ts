import { ConsistencyProof, InclusionProof } from '@wheelhouse/protocol/ledger-entry';
import { WitnessReport } from '@wheelhouse/protocol/witness';
import { call, isRefusedWith, send } from '../rest/call.ts';

/** What the server shows of its log. Nothing that it says is believed before it is checked. */
export type LogReader = {
  readonly key: () => Promise<string>;
  /** The latest signed head. */
  readonly checkpoint: () => Promise<string>;
  /** The latest head that has its witnesses' cosignatures; null where none has been published. */
  readonly published: () => Promise<string | null>;
  readonly inclusion: (index: number, size: number) => Promise<InclusionProof>;
  /** Null where the server says that its log does not reach that far. */
  readonly consistency: (from: number, to: number) => Promise<ConsistencyProof | null>;
  readonly witnesses: () => Promise<WitnessReport>;
};

async function text(path: string): Promise<string> {
  return (await send('GET', path)).text();
}

async function unlessMissing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (isRefusedWith(error, 'not_found')) return null;
    throw error;
  }
}

export const serverLog: LogReader = {
  key: async () => (await text('/v1/ledger/key')).trim(),
  checkpoint: () => text('/v1/ledger/checkpoint'),
  published: () => unlessMissing(text('/v1/ledger/published')),
  inclusion: (index, size) => call(InclusionProof, 'GET', `/v1/ledger/proof/inclusion?index=${index}&size=${size}`),
  consistency: (from, to) => unlessMissing(call(ConsistencyProof, 'GET', `/v1/ledger/proof/consistency?from=${from}&to=${to}`)),
  witnesses: () => call(WitnessReport, 'GET', '/v1/ledger/witnesses'),
};
